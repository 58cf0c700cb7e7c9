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

/// <summary>What can be wrong, each with its own cause, so that a report names the promise that was broken.</summary>
public enum FindingKind
{
    /// <summary>An acknowledged event is not there.</summary>
    EventLost,

    /// <summary>A customer has more events than were ever sent.</summary>
    EventCountedTwice,

    /// <summary>A customer exists of whom nothing was sent.</summary>
    StrangerFound,

    /// <summary>The sizes do not add up to the population.</summary>
    SizesDoNotAddUp,

    /// <summary>A size is not the number of customers whom the transition log puts there.</summary>
    SizeWrong,

    /// <summary>Paging the members of a segment finds others than the transition log puts there, or somebody twice.</summary>
    MembersWrong,

    /// <summary>A customer names another segment than the transition log puts it in.</summary>
    CustomerDisagrees,

    /// <summary>After a complete roll-out somebody answers under another model than the census.</summary>
    ModelsMixed,

    /// <summary>Sequences do not increase, or a transition leaves a segment that the customer was not in.</summary>
    LogBroken,

    /// <summary>A transition that somebody had read is gone, or one came to stand before those already read.</summary>
    LogRewritten,

    /// <summary>A customer was due to move by time alone and nobody moved it.</summary>
    DueMissed,

    /// <summary>A feature, a trait or a time differs from the clean run's.</summary>
    FeatureDiffers,

    /// <summary>A batch that was acknowledged took effect again when it was repeated.</summary>
    RepeatTookEffect,

    /// <summary>The API answered what it must never answer.</summary>
    AnswerWrong,

    /// <summary>The silo or its roll-out did not come back in time.</summary>
    NotRecovered,
}
