namespace OrleansSegments.Storage.Embedded;

/// <summary>How the store is doing: what made the last commit fail, and what was done so far. Written by the commit thread alone.</summary>
internal sealed class StoreCondition
{
    private string? _problem;
    private long _commits;
    private long _changesCommitted;
    private long _transitionsCommitted;

    /// <summary>What is wrong and what to do about it; null when commits succeed.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    public long Commits => Volatile.Read(ref _commits);

    public long ChangesCommitted => Volatile.Read(ref _changesCommitted);

    public long TransitionsCommitted => Volatile.Read(ref _transitionsCommitted);

    public void Committed(int changes, int transitions)
    {
        Volatile.Write(ref _problem, null);
        Volatile.Write(ref _commits, _commits + 1);
        Volatile.Write(ref _changesCommitted, _changesCommitted + changes);
        Volatile.Write(ref _transitionsCommitted, _transitionsCommitted + transitions);
    }

    public void Failed(string problem) => Volatile.Write(ref _problem, problem);
}
