using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Postgres;

/// <summary>What all parts of one open store share.</summary>
internal sealed record PostgresContext(
    PostgresStoreOptions Options, PostgresDatabase Database, PostgresCondition Condition, FaultPoint Fault, TimeProvider Time, ILogger Logger);

/// <summary>Condition of the store: the problem of each commit lane, and counters.</summary>
internal sealed class PostgresCondition(int lanes)
{
    private readonly string?[] _laneProblems = new string?[lanes];
    private string? _fatalProblem;
    private long _commits;
    private long _changesCommitted;
    private long _transitionsCommitted;

    /// <summary>What is wrong and what to do about it; null when every lane can commit.</summary>
    public string? Problem => Volatile.Read(ref _fatalProblem) ?? Array.Find(_laneProblems, static problem => problem is not null);

    public bool IsFatal => Volatile.Read(ref _fatalProblem) is not null;

    public StoreHealth Health(int changesWaiting) => new(
        Problem is null,
        Problem,
        changesWaiting,
        WriteStall.None,
        Interlocked.Read(ref _commits),
        Interlocked.Read(ref _changesCommitted),
        Interlocked.Read(ref _transitionsCommitted));

    public bool HasProblem(int lane) => Volatile.Read(ref _laneProblems[lane]) is not null;

    /// <summary>Returns true when the lane had a problem before.</summary>
    public bool Committed(int lane, CommitReceipt receipt)
    {
        Interlocked.Increment(ref _commits);
        Interlocked.Add(ref _changesCommitted, receipt.Changes);
        Interlocked.Add(ref _transitionsCommitted, receipt.Transitions);
        return Interlocked.Exchange(ref _laneProblems[lane], null) is not null;
    }

    public void Failed(int lane, string problem) => Volatile.Write(ref _laneProblems[lane], problem);

    /// <summary>Stops all writing until the store is opened again.</summary>
    public void Fatal(string problem) => Interlocked.CompareExchange(ref _fatalProblem, problem, null);
}
