using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Compares one reading with what the senders know. Pure. Sizes, members and customers are each compared with the transition log, so that
/// each finding names the wrong one.
/// </summary>
internal sealed class Judgement
{
    private readonly Reading _reading;
    private readonly Findings _findings = new();
    private readonly Replay _before = new();
    private readonly Dictionary<string, HashSet<string>> _moved = new(StringComparer.Ordinal);

    private Judgement(Reading reading) => _reading = reading;

    /// <param name="least">Per customer, the distinct events acknowledged before the reading began.</param>
    /// <param name="most">Per customer, the distinct events sent before the reading ended.</param>
    public static Findings Of(Reading reading, IReadOnlyDictionary<string, long> least, IReadOnlyDictionary<string, long> most)
    {
        var judgement = new Judgement(reading);
        judgement.ReplayLog();
        judgement.CheckMembers();
        judgement.CheckCustomers();
        judgement.CheckCounts(least, most);
        return judgement._findings;
    }

    private void ReplayLog()
    {
        var whole = new Replay();
        Dictionary<string, long>? counted = null;
        for (int i = 0; i < _reading.Log.Count; i++)
        {
            Change change = _reading.Log[i];
            if (change.Sequence > _reading.CensusSequence)
            {
                counted ??= new(whole.Sizes, StringComparer.Ordinal);
            }

            if (whole.Apply(change) is { } problem)
            {
                _findings.Add(FindingKind.LogBroken, problem);
            }

            if (i < _reading.LogBefore)
            {
                _before.Apply(change);
            }
            else
            {
                _moved.TryAdd(change.CustomerId, []);
                _moved[change.CustomerId].Add(change.To ?? "");
            }
        }

        CheckSizes(counted ?? whole.Sizes);
    }

    private void CheckSizes(IReadOnlyDictionary<string, long> logged)
    {
        long sum = _reading.Sizes.Values.Sum();
        if (sum != _reading.Population)
        {
            _findings.Add(FindingKind.SizesDoNotAddUp, $"The sizes add up to {sum}, the population is {_reading.Population}.");
        }

        foreach (string segmentId in _reading.Sizes.Keys.Union(logged.Keys))
        {
            long told = _reading.Sizes.GetValueOrDefault(segmentId);
            long replayed = logged.GetValueOrDefault(segmentId);
            if (told != replayed)
            {
                _findings.Add(
                    FindingKind.SizeWrong, $"{segmentId} has size {told}, and {replayed} customers are in it at sequence {_reading.CensusSequence} of the log.");
            }
        }
    }

    private void CheckMembers()
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string segmentId, List<string> members) in _reading.Members)
        {
            foreach (string customerId in members)
            {
                bool again = !seen.TryAdd(customerId, segmentId) && !_moved.ContainsKey(customerId);
                if (again)
                {
                    _findings.Add(FindingKind.MembersWrong, $"{customerId} is a member of {seen[customerId]} and of {segmentId}.");
                }

                if (!MayBeIn(customerId, segmentId))
                {
                    _findings.Add(FindingKind.MembersWrong, $"{customerId} is a member of {segmentId}; the log says {Logged(customerId)}.");
                }
            }
        }

        // A customer that moves between two pages may be on neither.
        foreach ((string customerId, string segmentId) in _before.Segments)
        {
            if (!seen.ContainsKey(customerId) && !_moved.ContainsKey(customerId))
            {
                _findings.Add(FindingKind.MembersWrong, $"{customerId} is a member of nothing; the log says {segmentId}.");
            }
        }
    }

    private void CheckCustomers()
    {
        foreach ((string customerId, CustomerReading customer) in _reading.Customers)
        {
            if (!MayBeIn(customerId, customer.SegmentId))
            {
                _findings.Add(FindingKind.CustomerDisagrees, $"{customerId} says {customer.SegmentId}; the log says {Logged(customerId)}.");
            }

            if (customer.ModelVersion != _reading.ModelVersion)
            {
                _findings.Add(
                    FindingKind.ModelsMixed, $"{customerId} answers under model {customer.ModelVersion}; the census speaks of {_reading.ModelVersion}.");
            }
        }

        foreach (string customerId in _before.Segments.Keys.Where(id => !_reading.Customers.ContainsKey(id)))
        {
            _findings.Add(FindingKind.CustomerDisagrees, $"{customerId} is not known; the log says {Logged(customerId)}.");
        }
    }

    private void CheckCounts(IReadOnlyDictionary<string, long> least, IReadOnlyDictionary<string, long> most)
    {
        foreach (string customerId in least.Keys.Union(_reading.Customers.Keys))
        {
            long there = _reading.Customers.GetValueOrDefault(customerId)?.EventCount ?? 0;
            long acknowledged = least.GetValueOrDefault(customerId);
            if (there < acknowledged)
            {
                _findings.Add(FindingKind.EventLost, $"{customerId}: {acknowledged} events were acknowledged and {there} are there.");
            }

            if (!most.TryGetValue(customerId, out long sent))
            {
                _findings.Add(FindingKind.StrangerFound, $"{customerId} has {there} events and none was sent.");
            }
            else if (there > sent)
            {
                _findings.Add(FindingKind.EventCountedTwice, $"{customerId}: {sent} events were sent and {there} are there.");
            }
        }
    }

    /// <summary>True for the customer's segment in the log, and for those it passed through during the reading.</summary>
    private bool MayBeIn(string customerId, string segmentId) =>
        _before.Segments.GetValueOrDefault(customerId) == segmentId
        || (_moved.TryGetValue(customerId, out HashSet<string>? places) && places.Contains(segmentId));

    private string Logged(string customerId) => string.Join(
        ", then ", new[] { _before.Segments.GetValueOrDefault(customerId) ?? "none" }.Concat(_moved.GetValueOrDefault(customerId) ?? []));
}

/// <summary>The membership according to the transition log alone.</summary>
internal sealed class Replay
{
    private readonly Dictionary<string, string> _segments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _sizes = new(StringComparer.Ordinal);
    private long _sequence;

    /// <summary>Segment by customer.</summary>
    public IReadOnlyDictionary<string, string> Segments => _segments;

    /// <summary>Size by segment, without empty ones.</summary>
    public IReadOnlyDictionary<string, long> Sizes => _sizes;

    /// <summary>Applies a transition; returns what is wrong with it, or null.</summary>
    public string? Apply(Change change)
    {
        string? from = _segments.GetValueOrDefault(change.CustomerId);
        string? problem = change.Sequence <= _sequence ? $"{change} stands after sequence {_sequence}."
            : change.From != from ? $"{change} leaves a segment that the customer was not in: it was in {from ?? "none"}."
            : change.From == change.To ? $"{change} leads nowhere."
            : null;
        _sequence = Math.Max(_sequence, change.Sequence);
        if (change.To is { } to)
        {
            _segments[change.CustomerId] = to;
        }
        else
        {
            _segments.Remove(change.CustomerId);
        }

        Count(from, -1);
        Count(change.To, 1);
        return problem;
    }

    private void Count(string? segmentId, int by)
    {
        if (segmentId is null)
        {
            return;
        }

        long size = _sizes.GetValueOrDefault(segmentId) + by;
        if (size == 0)
        {
            _sizes.Remove(segmentId);
        }
        else
        {
            _sizes[segmentId] = size;
        }
    }
}
