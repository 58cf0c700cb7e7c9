using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Totals;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// One commit thread: takes all that waits in its lane's queue as soon as its previous commit ended, makes it durable in one transaction, lets
/// the totals know, and only then tells the callers.
/// </summary>
internal sealed class LaneWorker : IDisposable
{
    private const int AttemptsMax = 5;
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);

    private readonly int _number;
    private readonly LanePulse _pulse;
    private readonly LaneConnection _connection;
    private readonly LaneBatch _batch = new();
    private readonly List<PendingWork> _works = [];
    private readonly List<PendingWork> _answered = [];
    private readonly List<CommitOutcome> _outcomes = [];
    private readonly CommitQueue _queue;
    private readonly TotalsRefresh _totals;
    private readonly PostgresContext _context;
    private readonly Action _ended;

    /// <param name="ended">Called by the thread when the queue is closed and empty; not by one that was given up.</param>
    public LaneWorker(int number, CommitQueue queue, TotalsRefresh totals, PostgresContext context, Action ended)
    {
        (_number, _queue, _totals, _context, _ended) = (number, queue, totals, context, ended);
        _pulse = new LanePulse(context.Time);
        _connection = new LaneConnection(context, _pulse);
    }

    public void Connect() => _connection.Open();

    public void Start() => new Thread(Run) { IsBackground = true, Name = $"store commits {_number}" }.Start();

    /// <summary>
    /// Answers for the thread when the database has been silent for longer than it may. Whether the commit in hand becomes durable is open, as
    /// with any commit whose answer is lost; the thread ends when it comes back.
    /// </summary>
    public bool TryGiveUp(TimeSpan silenceMax)
    {
        if (!_pulse.TryGiveUp(silenceMax))
        {
            return false;
        }

        // The thread changes none of this while it waits for the database, nor when it comes back.
        _queue.Release(_works);
        foreach (var work in _works)
        {
            work.Complete(CommitOutcome.Unavailable);
        }

        return true;
    }

    public void Dispose() => _connection.Dispose();

    private void Run()
    {
        while (_queue.Take(_works, _context.Condition.HasProblem(_number) ? ProbeInterval : Timeout.InfiniteTimeSpan))
        {
            if (_works.Count == 0 && !IsDone(Probe))
            {
                return;
            }

            // A round decides at least the first change of every customer and leaves what may only now be up to date.
            while (_works.Count > 0)
            {
                _batch.Fill(_works);
                var isDurable = false;
                if (!IsDone(() => isDurable = IsDurable()))
                {
                    return;
                }

                Answer(isDurable);
            }
        }

        _ended();
    }

    /// <summary>False when the thread was given up meanwhile: then somebody else has answered, and nothing of it is used again.</summary>
    private bool IsDone(Action work)
    {
        _pulse.Begin();
        work();
        if (_pulse.TryEnd())
        {
            return true;
        }

        _connection.Dispose();
        return false;
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
            _context.Condition.Fatal($"Commits stopped after an unexpected failure: {failure.Message} Start the process again.");
            _context.Logger.LogCritical(failure, "{Problem}", _context.Condition.Problem);
            return false;
        }
    }

    private bool TryCommit()
    {
        for (var attempt = 1; !_context.Condition.IsFatal; attempt++)
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
                _context.Fault(StoreStep.CommitChecked);
                transaction.Write(_batch);
                var receipt = transaction.Account(_batch);
                _context.Fault(StoreStep.CommitWritten);
                if (_pulse.IsGivenUp)
                {
                    return false;
                }

                isUndone = false;
                transaction.Commit();
                Publish(receipt);
                return true;
            }
            catch (Exception failure) when (PostgresProblem.IsExpected(failure))
            {
                if (_pulse.IsGivenUp)
                {
                    return false;
                }

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

    // From here on the commit counts, whatever fails. One that nobody waits for any more is found by the watch, as another silo's would be.
    private void Publish(LaneReceipt receipt)
    {
        if (_pulse.IsGivenUp)
        {
            return;
        }

        _context.Condition.Committed(_number, receipt.Changes, receipt.Transitions);
        try
        {
            _context.Fault(StoreStep.CommitDurable);
            _pulse.Beat();
            _totals.CommitEnded(receipt, EarliestDue());
            _context.Fault(StoreStep.CommitApplied);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            _context.Logger.LogWarning(failure, "A commit is durable, and the totals could not be read after it; the next reading has it");
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

        _queue.Release(_answered);
        for (var index = 0; index < _answered.Count; index++)
        {
            _answered[index].Complete(_outcomes[index]);
        }

        _batch.Clear();
        _answered.Clear();
        _context.Fault(StoreStep.CommitAcknowledged);
    }

    private void Fail(Exception failure)
    {
        var problem = $"{_context.Database.Explain(failure)} It is tried again by itself.";
        if (!_context.Condition.HasProblem(_number))
        {
            _context.Logger.LogError(failure, "{Problem}", problem);
        }

        _context.Condition.Failed(_number, problem);
    }

    private void Probe()
    {
        try
        {
            if (!_context.Condition.IsFatal && _connection.Open() is { } transaction)
            {
                transaction.Probe();
                _context.Condition.Recovered(_number);
                _context.Logger.LogInformation("PostgreSQL at {Where} takes commits again", _context.Database.Where);
            }
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            if (!_pulse.IsGivenUp)
            {
                _connection.RollBack(failure);
                Fail(failure);
            }
        }
    }
}
