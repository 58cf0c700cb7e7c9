namespace OrleansSegments.Storage;

/// <summary>How the store is doing: the problem of the last commit and of the last merge, and what was done so far.</summary>
internal sealed class StoreCondition
{
    private string? _commitProblem;
    private string? _mergeProblem;
    private string? _fatalProblem;
    private long _commits;
    private long _changesCommitted;
    private long _transitionsCommitted;

    /// <summary>What is wrong and what to do about it; null when commits succeed and merges do.</summary>
    public string? Problem => Volatile.Read(ref _fatalProblem) ?? Volatile.Read(ref _commitProblem) ?? Volatile.Read(ref _mergeProblem);

    /// <summary>A failing merge alone does not stop commits before the limit of unmerged customers does.</summary>
    public bool IsWritable => Volatile.Read(ref _fatalProblem) is null && Volatile.Read(ref _commitProblem) is null;

    public bool IsFatal => Volatile.Read(ref _fatalProblem) is not null;

    public long Commits => Volatile.Read(ref _commits);

    public long ChangesCommitted => Volatile.Read(ref _changesCommitted);

    public long TransitionsCommitted => Volatile.Read(ref _transitionsCommitted);

    public void Committed(int changes, int transitions)
    {
        Volatile.Write(ref _commitProblem, null);
        Volatile.Write(ref _commits, _commits + 1);
        Volatile.Write(ref _changesCommitted, _changesCommitted + changes);
        Volatile.Write(ref _transitionsCommitted, _transitionsCommitted + transitions);
    }

    public void CommitFailed(string problem) => Volatile.Write(ref _commitProblem, problem);

    public void MergeEnded(string? problem) => Volatile.Write(ref _mergeProblem, problem);

    /// <summary>Memory and files may disagree: nothing more is written until the folder is opened anew.</summary>
    public void Fatal(string problem) => Volatile.Write(ref _fatalProblem, problem);
}
