namespace OrleansSegments.Storage.Faults;

/// <summary>The steps of a commit at which the process may crash.</summary>
internal enum StoreStep
{
    /// <summary>A batch was taken and checked; nothing is written.</summary>
    CommitChecked,

    /// <summary>The commit is written but not yet durable; in the embedded store both happen at once.</summary>
    CommitWritten,

    /// <summary>The commit is durable; the memory is not updated and nobody was told.</summary>
    CommitDurable,

    /// <summary>The memory is updated; nobody was told.</summary>
    CommitApplied,

    /// <summary>The callers were told.</summary>
    CommitAcknowledged,
}

/// <summary>Called at every step of a commit, on the committing thread. Tests throw here like a failing disk, or copy the folder.</summary>
internal delegate void FaultPoint(StoreStep step);
