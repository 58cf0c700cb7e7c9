namespace OrleansSegments.Storage.Commits;

/// <summary>How much one commit may hold, how much may wait for commits, and how far apart commits begin.</summary>
internal sealed record CommitLimits(
    int CommitChangesMax, int CommitBytesMax, int ChangesWaitingMax, long BytesWaitingMax, TimeSpan CommitInterval);
