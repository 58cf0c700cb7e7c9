namespace OrleansSegments.CrashTests.Checks;

/// <summary>Collects findings: counts every kind and keeps the first few texts of each.</summary>
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

    /// <summary>Adds the findings of another collection.</summary>
    public void AddAll(Findings others)
    {
        foreach ((FindingKind kind, (int count, List<string> told)) in others._byKind)
        {
            (int own, List<string> ownTold) = _byKind.GetValueOrDefault(kind, (0, []));
            _byKind[kind] = (own + count, [.. ownTold.Concat(told).Take(ToldMax)]);
        }
    }

    /// <summary>The kinds with their counts, such as "EventLost 12, SizeWrong 2", or "none".</summary>
    public string Summary() => AreNone ? "none" : string.Join(", ", _byKind.Select(kind => $"{kind.Key} {kind.Value.Count}"));

    public override string ToString() => AreNone
        ? "Nothing was found wrong."
        : string.Join('\n', _byKind.Select(kind => $"{kind.Key}, {kind.Value.Count} in all:\n  {string.Join("\n  ", kind.Value.Told)}"));
}

/// <summary>The kinds of findings, each tied to one guarantee, so that a report names the broken one.</summary>
public enum FindingKind
{
    /// <summary>An acknowledged event is missing.</summary>
    EventLost,

    /// <summary>A customer has more events than were ever sent.</summary>
    EventCountedTwice,

    /// <summary>A customer exists for whom nothing was sent.</summary>
    StrangerFound,

    /// <summary>The sizes do not add up to the population.</summary>
    SizesDoNotAddUp,

    /// <summary>A size differs from the number of customers that the transition log puts into the segment.</summary>
    SizeWrong,

    /// <summary>The pages of a segment's members differ from the transition log, or contain a customer twice.</summary>
    MembersWrong,

    /// <summary>A customer reports a segment other than the one in the transition log.</summary>
    CustomerDisagrees,

    /// <summary>After a completed roll-out a customer answers under a model other than the census's.</summary>
    ModelsMixed,

    /// <summary>Sequences do not increase, or a transition leaves a segment that the customer was not in.</summary>
    LogBroken,

    /// <summary>A transition that was read is gone, or one was inserted before those already read.</summary>
    LogRewritten,

    /// <summary>A customer's deadline passed and it was not moved.</summary>
    DueMissed,

    /// <summary>A feature, a trait or a time differs from the clean run's.</summary>
    FeatureDiffers,

    /// <summary>A repeated acknowledged batch took effect again.</summary>
    RepeatTookEffect,

    /// <summary>The API gave a disallowed answer.</summary>
    AnswerWrong,

    /// <summary>The silo or its roll-out did not recover in time.</summary>
    NotRecovered,
}
