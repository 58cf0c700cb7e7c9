namespace OrleansSegments.Storage.Faults;

/// <summary>The moments between two effects of a commit or a merge, at each of which the process may end.</summary>
internal enum StoreStep
{
    /// <summary>A batch was taken and checked; nothing is written.</summary>
    CommitChecked,

    /// <summary>The journal row is written inside an open transaction.</summary>
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

    /// <summary>All rows, transitions and totals are written inside an open transaction.</summary>
    MergeWritten,

    /// <summary>The tables hold the generation; the journal still does too.</summary>
    MergeDurable,

    /// <summary>The generation is gone from memory.</summary>
    MergeReleased,

    /// <summary>The merged rows are deleted from the journal inside the open transaction of the next commit.</summary>
    JournalTrimmed,
}
