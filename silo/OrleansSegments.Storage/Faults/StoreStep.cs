namespace OrleansSegments.Storage.Faults;

/// <summary>The moments between two effects of a commit, at each of which the process may end.</summary>
internal enum StoreStep
{
    /// <summary>A batch was taken and checked; nothing is written.</summary>
    CommitChecked,

    /// <summary>The commit is written and not yet durable; the embedded store's is both at once.</summary>
    CommitWritten,

    /// <summary>The commit is durable; memory does not know it yet and nobody was told.</summary>
    CommitDurable,

    /// <summary>Memory knows the commit; nobody was told.</summary>
    CommitApplied,

    /// <summary>The callers were told.</summary>
    CommitAcknowledged,
}

/// <summary>Called at every step of a commit, on the thread that takes it. Tests throw here as a disk would, or copy the folder.</summary>
internal delegate void FaultPoint(StoreStep step);
