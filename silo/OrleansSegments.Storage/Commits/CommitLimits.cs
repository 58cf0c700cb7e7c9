namespace OrleansSegments.Storage.Commits;

/// <summary>How much one commit may hold, and how much may wait for commits.</summary>
internal sealed record CommitLimits(int CommitChangesMax, int CommitBytesMax, int ChangesWaitingMax, long BytesWaitingMax);
