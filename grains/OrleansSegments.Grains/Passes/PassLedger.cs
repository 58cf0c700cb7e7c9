using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Grains.Passes;

/// <summary>
/// Who does what of a step. A part has one owner at a time, and a result counts only if its silo owns all parts that it is about: so every
/// part is in exactly one result, whoever dies, stalls, joins or answers late. Parts of a silo that left, or that was not heard of for a
/// lease, go to the others. Not safe for threads; time is an argument.
/// </summary>
internal sealed class PassLedger(TimeSpan lease)
{
    /// <summary>Failures of shares after which a step is given up.</summary>
    public const int FailuresMax = 5;

    /// <summary>Replaced sessions that are remembered.</summary>
    public const int ReplacedMax = 32;

    private readonly Dictionary<string, TimeSpan> _heardAt = new(StringComparer.Ordinal);
    private readonly List<PassResult> _results = [];
    private readonly Queue<Guid> _replaced = new();
    private PassOrder? _order;
    private Part[] _parts = [];
    private int _failures;
    private string? _problem;

    /// <summary>Whether there is something that somebody has to do.</summary>
    public bool IsOpen => _order is not null && _problem is null && Array.Exists(_parts, p => !p.IsDone);

    /// <summary>
    /// Takes an order in the place of the one before; the same one again changes nothing. False when the session was replaced by another
    /// before: two that order at once would otherwise replace each other for ever.
    /// </summary>
    public bool Begin(PassOrder order, SiloView silos, TimeSpan now)
    {
        if (_replaced.Contains(order.Session))
        {
            return false;
        }

        if (_order?.Session == order.Session && _order.Step == order.Step)
        {
            return true;
        }

        Replace(order.Session);
        bool continues = _order is { IsToEverySilo: false } before && before.Session == order.Session && _parts.Length == order.Ranges.Length;
        if (order.IsToEverySilo)
        {
            _parts = [.. silos.Silos.Select(silo => new Part { Owner = silo })];
        }
        else if (!continues)
        {
            _parts = [.. order.Ranges.Select(_ => new Part())];
        }

        foreach (Part part in _parts)
        {
            part.IsDone = false;
        }

        if (!continues)
        {
            // Everybody who is alive gets a lease to come and ask; a silo that joined a moment ago has not asked yet.
            foreach (string silo in silos.Silos)
            {
                _heardAt[silo] = now;
            }
        }

        _order = order;
        _results.Clear();
        (_failures, _problem) = (0, null);
        Divide(silos, now);
        return true;
    }

    /// <summary>What a silo has to do that it has not done; null for nothing. A silo that asks again has lost what it was told, and is told again.</summary>
    public PassShare? Take(string silo, SiloView silos, TimeSpan now)
    {
        Renew(silo, now);
        if (!IsOpen)
        {
            return null;
        }

        Divide(silos, now);
        int[] parts = [.. Enumerable.Range(0, _parts.Length).Where(i => _parts[i].Owner == silo && !_parts[i].IsDone)];
        return parts.Length == 0
            ? null
            : new PassShare(
                _order!.Session, _order.Step, parts, _order.IsToEverySilo ? [] : Array.ConvertAll(parts, i => _order.Ranges[i]), _order.Work);
    }

    public void Renew(string silo, TimeSpan now) => _heardAt[silo] = now;

    /// <summary>Counts a reply in; false when it is about another step, or about a part that is no longer the silo's or is done.</summary>
    public bool Accept(PassReply reply, TimeSpan now)
    {
        Renew(reply.Silo, now);
        bool isWanted = IsOpen && _order!.Session == reply.Session && _order.Step == reply.Step && reply.Parts.Length > 0
            && reply.Parts.Distinct().Count() == reply.Parts.Length
            && Array.TrueForAll(reply.Parts, i => i >= 0 && i < _parts.Length && _parts[i].Owner == reply.Silo && !_parts[i].IsDone);
        if (!isWanted)
        {
            return false;
        }

        if (reply.Result is not { } result)
        {
            _failures++;
            _problem = _failures < FailuresMax ? null : $"{FailuresMax} shares of the pass failed; the last one on {reply.Silo}: {reply.Problem}";
            return true;
        }

        foreach (int part in reply.Parts)
        {
            _parts[part].IsDone = true;
        }

        _results.Add(result);
        return true;
    }

    /// <summary>How a step stands.</summary>
    public PassAnswer Answer(Guid session, int step, SiloView silos, TimeSpan now)
    {
        if (_order is null || _order.Session != session || _order.Step != step)
        {
            return new PassAnswer(false, false, [], null);
        }

        Divide(silos, now);
        bool isFinished = Array.TrueForAll(_parts, p => p.IsDone);
        return new PassAnswer(true, isFinished, isFinished ? [.. _results] : [], _problem);
    }

    private void Replace(Guid session)
    {
        if (_order is not null && _order.Session != session)
        {
            _replaced.Enqueue(_order.Session);
            if (_replaced.Count > ReplacedMax)
            {
                _replaced.Dequeue();
            }
        }
    }

    /// <summary>Gives the parts that nobody does to the silos that have fewest.</summary>
    private void Divide(SiloView silos, TimeSpan now)
    {
        foreach (string silo in _heardAt.Keys.Where(s => !silos.Includes(s)).ToArray())
        {
            _heardAt.Remove(silo);
        }

        if (_order!.IsToEverySilo)
        {
            foreach (Part part in _parts.Where(p => !silos.Includes(p.Owner!)))
            {
                part.IsDone = true;
            }

            return;
        }

        string[] present = [.. silos.Silos.Where(s => _heardAt.TryGetValue(s, out TimeSpan heardAt) && now - heardAt <= lease)];
        foreach (Part part in _parts.Where(p => !p.IsDone && p.Owner is not null && !present.Contains(p.Owner)))
        {
            part.Owner = null;
        }

        foreach (Part part in _parts.Where(p => !p.IsDone && p.Owner is null))
        {
            part.Owner = present.MinBy(s => _parts.Count(p => p.Owner == s));
        }
    }

    private sealed class Part
    {
        public string? Owner { get; set; }

        public bool IsDone { get; set; }
    }
}
