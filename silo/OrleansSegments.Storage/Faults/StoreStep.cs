namespace OrleansSegments.Storage.Faults;

/// <summary>The moments between two effects of a commit or a merge, at each of which the process may end.</summary>
internal enum StoreStep
{
    /// <summary>A batch was taken and checked; nothing is written.</summary>
    CommitChecked,

    /// <summary>The commit is written into the journal and not synced.</summary>
    CommitWritten,

    /// <summary>The commit is durable; memory does not know it yet and nobody was told.</summary>
    CommitDurable,

    /// <summary>Memory knows the commit; nobody was told.</summary>
    CommitApplied,

    /// <summary>The callers were told.</summary>
    CommitAcknowledged,

    /// <summary>A generation is frozen; the tables are untouched.</summary>
    MergeStarted,

    /// <summary>Some rows are written inside an open transaction.</summary>
    MergeRowsWritten,

    /// <summary>Some rows are in the tables; how far the tables are does not count them yet.</summary>
    MergePartWritten,

    /// <summary>All rows are in the tables; transitions, totals and how far the tables are stand in an open transaction.</summary>
    MergeWritten,

    /// <summary>The tables hold the generation; the journal still does too.</summary>
    MergeDurable,

    /// <summary>The generation is gone from memory.</summary>
    MergeReleased,

    /// <summary>A new file of the journal has a name and a header and no commit.</summary>
    JournalFileBegun,

    /// <summary>Files whose commits are merged are no longer read and may be used again.</summary>
    JournalTrimmed,
}
