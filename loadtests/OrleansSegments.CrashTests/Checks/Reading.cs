using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Everything that was read for one check. Customers may move while it is read, by time alone or because senders go on; the log was read
/// before and after, so that it is known who moved, and everybody else must be in one place whoever is asked.
/// </summary>
internal sealed record Reading
{
    /// <summary>The whole log, from its beginning to after everything else was read.</summary>
    public required IReadOnlyList<Change> Log { get; init; }

    /// <summary>How much of <see cref="Log"/> there was before anything else was read.</summary>
    public required int LogBefore { get; init; }

    /// <summary>The last transition that the census counts in.</summary>
    public required long CensusSequence { get; init; }

    public required long Population { get; init; }

    public required int ModelVersion { get; init; }

    public required IReadOnlyDictionary<string, long> Sizes { get; init; }

    /// <summary>By segment, in the order of the pages.</summary>
    public required IReadOnlyDictionary<string, List<string>> Members { get; init; }

    /// <summary>Only customers that are known.</summary>
    public required IReadOnlyDictionary<string, CustomerReading> Customers { get; init; }

    /// <summary>Nobody moved while it was read.</summary>
    public bool IsStill => Log.Count == LogBefore;
}
