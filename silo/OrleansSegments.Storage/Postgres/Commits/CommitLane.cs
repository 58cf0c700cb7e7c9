using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Totals;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// One commit thread: takes all that waits in its queue as soon as its previous commit ended, makes it durable in one transaction, lets the
/// totals know, and only then tells the callers. A customer's changes all come to one lane, so lanes never wait for each other's rows.
/// </summary>
internal sealed class CommitLane(int number, CommitQueue queue, TotalsRefresh totals, PostgresContext context) : IDisposable
{
    private const int AttemptsMax = 5;
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);

    private readonly LaneConnection _connection = new(context);
    private readonly LaneBatch _batch = new();
    private readonly List<PendingWork> _works = [];
    private readonly List<PendingWork> _answered = [];
    private readonly List<CommitOutcome> _outcomes = [];
    private Thread? _thread;

    public CommitQueue Queue => queue;

    /// <summary>Connects at once, so that a store that opened can write.</summary>
    public void Start()
    {
        _connection.Open();
        _thread = new Thread(Run) { IsBackground = true, Name = $"store commits {number}" };
        _thread.Start();
    }

    /// <summary>Waits for the thread to end; the queue must be closed. False when the time is up.</summary>
    public bool Join(TimeSpan timeout) => _thread?.Join(timeout) ?? true;

    public void Dispose() => _connection.Dispose();

    private void Run()
    {
        while (queue.Take(_works, context.Condition.HasProblem(number) ? ProbeInterval : Timeout.InfiniteTimeSpan))
        {
            if (_works.Count == 0)
            {
                Probe();
            }

            // A round decides at least the first change of every customer and leaves what may only now be up to date.
            while (_works.Count > 0)
            {
                _batch.Fill(_works);
                Answer(IsDurable());
            }
        }
    }

    private bool IsDurable()
    {
        try
        {
            return _batch.IsEmpty || TryCommit();
        }
        catch (Exception failure)
        {
            // A bug, not a database. The connection may be in the middle of a transaction, which would hold up others.
            _connection.Dispose();
            context.Condition.Fatal($"Commits stopped after an unexpected failure: {failure.Message} Start the process again.");
            context.Logger.LogCritical(failure, "{Problem}", context.Condition.Problem);
            return false;
        }
    }

    private bool TryCommit()
    {
        for (var attempt = 1; !context.Condition.IsFatal; attempt++)
        {
            var isUndone = false;
            try
            {
                if (_connection.Open() is not { } transaction)
                {
                    return false;
                }

                // Until the end of the transaction is asked for, a lost connection takes all of it with it.
                isUndone = true;
                context.Fault(StoreStep.CommitChecked);
                transaction.Write(_batch);
                context.Fault(StoreStep.CommitWritten);
                isUndone = false;
                Publish(transaction.Commit(_batch));
                return true;
            }
            catch (Exception failure) when (PostgresProblem.IsExpected(failure))
            {
                _connection.RollBack(failure);
                var mayRetry = PostgresProblem.IsCollision(failure) || (isUndone && PostgresProblem.IsConnectionLost(failure));
                if (attempt == AttemptsMax || !mayRetry)
                {
                    Fail(failure);
                    return false;
                }
            }
        }

        return false;
    }

    // From here on the commit counts, whatever fails.
    private void Publish(LaneReceipt receipt)
    {
        context.Condition.Committed(number, receipt.Changes, receipt.Transitions);
        try
        {
            context.Fault(StoreStep.CommitDurable);
            totals.CommitEnded(receipt, EarliestDue());
            context.Fault(StoreStep.CommitApplied);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            context.Logger.LogWarning(failure, "A commit is durable, and the totals could not be read after it; the next reading has it");
        }
    }

    private long EarliestDue()
    {
        var earliest = long.MaxValue;
        foreach (var chain in _batch.Chains)
        {
            earliest = Math.Min(earliest, chain.IsRefused ? long.MaxValue : chain.Last.DueAtMilliseconds ?? long.MaxValue);
        }

        foreach (var piece in _batch.Deadlines)
        {
            foreach (var update in piece.Updates)
            {
                earliest = Math.Min(earliest, update.DueAtMilliseconds ?? long.MaxValue);
            }
        }

        return earliest;
    }

    // Without a commit there are no conflicts either: what stood in the way may not have become durable.
    private void Answer(bool isDurable)
    {
        _works.Clear();
        _answered.Clear();
        _outcomes.Clear();
        foreach (ref readonly var gathered in _batch.Changes)
        {
            if (isDurable && gathered.IsUndecided)
            {
                _works.Add(gathered.Work);
            }
            else
            {
                _answered.Add(gathered.Work);
                _outcomes.Add(!isDurable ? CommitOutcome.Unavailable : gathered.IsAccepted ? CommitOutcome.Committed : CommitOutcome.Conflict);
            }
        }

        foreach (var piece in _batch.Deadlines)
        {
            _answered.Add(piece);
            _outcomes.Add(isDurable ? CommitOutcome.Committed : CommitOutcome.Unavailable);
        }

        queue.Release(_answered);
        for (var index = 0; index < _answered.Count; index++)
        {
            _answered[index].Complete(_outcomes[index]);
        }

        _batch.Clear();
        _answered.Clear();
        context.Fault(StoreStep.CommitAcknowledged);
    }

    private void Fail(Exception failure)
    {
        var problem = $"{context.Database.Explain(failure)} It is tried again by itself.";
        if (!context.Condition.HasProblem(number))
        {
            context.Logger.LogError(failure, "{Problem}", problem);
        }

        context.Condition.Failed(number, problem);
    }

    private void Probe()
    {
        try
        {
            if (!context.Condition.IsFatal && _connection.Open() is { } transaction)
            {
                transaction.Probe();
                context.Condition.Recovered(number);
                context.Logger.LogInformation("PostgreSQL at {Where} takes commits again", context.Database.Where);
            }
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            _connection.RollBack(failure);
            Fail(failure);
        }
    }
}
