namespace OrleansSegments.CrashTests.Checks;

/// <summary>Collects what is wrong: every kind is counted, and the first few of each are told.</summary>
public sealed class Findings
{
    private const int ToldMax = 5;

    private readonly SortedDictionary<FindingKind, (int Count, List<string> Told)> _byKind = [];

    public bool AreNone => _byKind.Count == 0;

    public IReadOnlyCollection<FindingKind> Kinds => _byKind.Keys;

    public void Add(FindingKind kind, string text)
    {
        (int count, List<string> told) = _byKind.GetValueOrDefault(kind, (0, []));
        if (count < ToldMax)
        {
            told.Add(text);
        }

        _byKind[kind] = (count + 1, told);
    }

    public int CountOf(FindingKind kind) => _byKind.GetValueOrDefault(kind).Count;

    /// <summary>Takes over what another collection holds.</summary>
    public void AddAll(Findings others)
    {
        foreach ((FindingKind kind, (int count, List<string> told)) in others._byKind)
        {
            (int own, List<string> ownTold) = _byKind.GetValueOrDefault(kind, (0, []));
            _byKind[kind] = (own + count, [.. ownTold.Concat(told).Take(ToldMax)]);
        }
    }

    /// <summary>The kinds with their numbers, such as "EventLost 12, SizeWrong 2"; "none".</summary>
    public string Summary() => AreNone ? "none" : string.Join(", ", _byKind.Select(kind => $"{kind.Key} {kind.Value.Count}"));

    public override string ToString() => AreNone
        ? "Nothing was found wrong."
        : string.Join('\n', _byKind.Select(kind => $"{kind.Key}, {kind.Value.Count} in all:\n  {string.Join("\n  ", kind.Value.Told)}"));
}
