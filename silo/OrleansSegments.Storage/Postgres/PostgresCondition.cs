namespace OrleansSegments.Storage.Postgres;

/// <summary>How the store is doing: the problem of each commit lane, and what was done so far.</summary>
internal sealed class PostgresCondition(int lanes)
{
    private readonly string?[] _laneProblems = new string?[lanes];
    private string? _fatalProblem;
    private long _commits;
    private long _changesCommitted;
    private long _transitionsCommitted;

    /// <summary>What is wrong and what to do about it; null when every lane can commit.</summary>
    public string? Problem
    {
        get
        {
            var problem = Volatile.Read(ref _fatalProblem);
            for (var lane = 0; lane < _laneProblems.Length && problem is null; lane++)
            {
                problem = Volatile.Read(ref _laneProblems[lane]);
            }

            return problem;
        }
    }

    public bool IsFatal => Volatile.Read(ref _fatalProblem) is not null;

    public long Commits => Interlocked.Read(ref _commits);

    public long ChangesCommitted => Interlocked.Read(ref _changesCommitted);

    public long TransitionsCommitted => Interlocked.Read(ref _transitionsCommitted);

    public bool HasProblem(int lane) => Volatile.Read(ref _laneProblems[lane]) is not null;

    public void Committed(int lane, int changes, int transitions)
    {
        Recovered(lane);
        Interlocked.Increment(ref _commits);
        Interlocked.Add(ref _changesCommitted, changes);
        Interlocked.Add(ref _transitionsCommitted, transitions);
    }

    public void Recovered(int lane) => Volatile.Write(ref _laneProblems[lane], null);

    public void Failed(int lane, string problem) => Volatile.Write(ref _laneProblems[lane], problem);

    /// <summary>Nothing more is written until the store is opened anew.</summary>
    public void Fatal(string problem) => Interlocked.CompareExchange(ref _fatalProblem, problem, null);
}
