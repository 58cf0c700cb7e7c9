using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Postgres.Totals;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// A queue and the worker that commits what is in it. A customer's changes all come to one lane, so lanes never wait for each other's rows. A
/// worker that waits for the database for longer than the driver ever should is given up: its callers are answered, and another takes over.
/// </summary>
internal sealed class CommitLane(int number, CommitQueue queue, TotalsRefresh totals, PostgresContext context) : IDisposable
{
    /// <summary>Each holds a thread, a connection and one commit until its driver comes back. So many of them are no hiccup of the network.</summary>
    private const int GivenUpMax = 16;

    private readonly ManualResetEventSlim _ended = new();
    private LaneWorker _worker = null!;
    private int _givenUp;

    public CommitQueue Queue => queue;

    /// <summary>Connects at once, so that a store that opened can write.</summary>
    public void Start()
    {
        _worker = new LaneWorker(number, queue, totals, context, _ended.Set);
        _worker.Connect();
        _worker.Start();
    }

    /// <summary>Called now and then, by one thread at a time.</summary>
    public void Watch()
    {
        if (!_worker.TryGiveUp(context.Options.SilenceMax))
        {
            return;
        }

        var problem =
            $"PostgreSQL at {context.Database.Where} cannot be used: no answer within {context.Options.CommandTimeout.TotalSeconds:0} s, and the connection does not end. "
            + "Look at the server's load, locks and disk, and at the network.";
        context.Condition.Failed(number, $"{problem} It is tried again by itself.");
        context.Logger.LogError("{Problem} Another connection takes its place", problem);
        if (++_givenUp >= GivenUpMax)
        {
            context.Condition.Fatal($"{problem} That was so {GivenUpMax} times; start the process again.");
            context.Logger.LogCritical("{Problem}", context.Condition.Problem);
        }

        _worker = new LaneWorker(number, queue, totals, context, _ended.Set);
        _worker.Start();
    }

    /// <summary>Waits until all is answered; the queue must be closed. False when the time is up.</summary>
    public bool Join(TimeSpan timeout) => _ended.Wait(timeout);

    public void Dispose()
    {
        _worker?.Dispose();
        _ended.Dispose();
    }
}
