using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// A queue and the task that commits its work: takes all queued work as soon as the previous commit ended, commits it in one transaction,
/// updates the totals, and only then tells the callers. A customer's changes always use the same lane, so lanes never wait for each other's
/// rows.
/// </summary>
internal sealed class CommitLane(int number, WaitingWork waiting, TotalsReader totals, PostgresContext context) : IAsyncDisposable
{
    private const int AttemptsMax = 5;

    /// <summary>How long changes are refused immediately after a failed connection attempt.</summary>
    private static readonly TimeSpan ConnectPause = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a failed lane without changes checks whether the database accepts commits again.</summary>
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);

    // Unbounded here; WaitingWork limits the queued work of all lanes together.
    private readonly Channel<PendingWork> _queue = Channel.CreateUnbounded<PendingWork>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<PendingWork> _works = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly List<PendingWork> _answered = [];
    private readonly List<CommitOutcome> _outcomes = [];
    private CommitBatch _batch = new();
    private CommitConnection _connection = new(context);
    private Task<bool>? _ready;
    private Task _running = Task.CompletedTask;
    private long _takenAt;
    private int _taken;
    private long _lostAt;

    /// <summary>Connects immediately, so that an opened store can write.</summary>
    public async Task StartAsync()
    {
        await _connection.OpenAsync();
        _running = Task.Run(RunAsync);
    }

    /// <summary>Queues unless a limit is reached; bulk work, of which each caller has one piece at a time, is not limited.</summary>
    public CommitAdmission Add(PendingWork work, bool isLimited)
    {
        if (!waiting.TryEnter(work, isLimited))
        {
            return CommitAdmission.Full;
        }

        if (_queue.Writer.TryWrite(work))
        {
            return CommitAdmission.Waiting;
        }

        waiting.Leave([work]);
        return CommitAdmission.Closed;
    }

    /// <summary>Accepts no more work and commits what is queued; on timeout the rest is answered as unavailable.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        try
        {
            await _running.WaitAsync(context.Options.CloseTimeout);
        }
        catch (TimeoutException)
        {
            context.Condition.Fatal($"The store was closed before PostgreSQL at {context.Database.Where} had accepted all commits.");
            context.Logger.LogWarning("Closing abandons a commit that takes longer than {Timeout}", context.Options.CloseTimeout);
            await _closing.CancelAsync();
            await _running;
        }

        await _connection.DropAsync();
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        while (await TakeAsync())
        {
            // Each round decides at least the first change of every customer; changes that may match the new row remain.
            do
            {
                await CommitWorksAsync();
            }
            while (_works.Count > 0);
        }
    }

    /// <summary>
    /// Takes the oldest work, within the limits of a commit; waits while the queue is empty. Takes nothing when a failed lane is to check
    /// whether the database accepts commits again. Returns false when closed and empty.
    /// </summary>
    private async Task<bool> TakeAsync()
    {
        // Waits for the rest of CommitInterval while a batch of events is being recorded, whose changes arrive in quick succession: without
        // the wait they would be split into many small commits. After idle time, and for single changes, there is no wait.
        var isBusy = _taken > 1;
        _ready ??= _queue.Reader.WaitToReadAsync().AsTask();
        if (context.Condition.HasProblem(number) && await Task.WhenAny(_ready, Task.Delay(ProbeInterval)) != _ready)
        {
            return true;
        }

        if (!await _ready)
        {
            return false;
        }

        _ready = null;
        if (isBusy && context.Options.CommitLimits.CommitInterval - Stopwatch.GetElapsedTime(_takenAt) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left);
        }

        _takenAt = Stopwatch.GetTimestamp();
        var (changes, bytes) = (0, 0L);
        while (_queue.Reader.TryPeek(out var work))
        {
            changes += work.Changes;
            bytes += work.Bytes;
            if (_works.Count > 0 && (changes > context.Options.CommitLimits.CommitChangesMax || bytes > context.Options.CommitLimits.CommitBytesMax))
            {
                break;
            }

            _works.Add(work);
            _queue.Reader.TryRead(out _);
        }

        _taken = _works.Count;
        return true;
    }

    private async Task CommitWorksAsync()
    {
        var batch = _batch;
        batch.Fill(_works);
        var isDurable = false;
        try
        {
            isDurable = (batch.IsEmpty && !context.Condition.HasProblem(number)) || await TryCommitAsync(batch);
        }
        catch (Exception failure)
        {
            // A bug, not a failure of the database.
            context.Condition.Fatal($"Commits stopped after an unexpected failure: {failure.Message} Start the process again.");
            context.Logger.LogCritical(failure, "{Problem}", context.Condition.Problem);
        }

        Answer(batch, isDurable);
        if (batch == _batch)
        {
            // The batch was not abandoned, so nobody else reads it.
            batch.Clear();
        }

        context.Fault(StoreStep.CommitAcknowledged);
    }

    private async Task<bool> TryCommitAsync(CommitBatch batch)
    {
        for (var attempt = 1; !context.Condition.IsFatal && !IsPausing(); attempt++)
        {
            var connection = _connection;
            var commit = Task.Run(() => CommitAsync(connection, batch));
            try
            {
                await commit.WaitAsync(context.Options.SilenceMax, _closing.Token);
                return true;
            }
            catch (Exception silence) when (!commit.IsFaulted)
            {
                if (commit.IsCompleted)
                {
                    return true;
                }

                // The driver did not return within the maximum time. Whether the commit becomes durable is unknown, as when an answer is
                // lost.
                connection.IsAbandoned = true;
                (_connection, _batch) = (new CommitConnection(context), new CommitBatch());
                _ = CloseAfterAsync(commit, connection);
                Fail(new TimeoutException("The driver does not return from a commit.", silence));
                return false;
            }
            catch (Exception failure) when (PostgresProblem.IsExpected(failure))
            {
                _lostAt = Stopwatch.GetTimestamp();
                var mayRetry = PostgresProblem.IsCollision(failure) || (connection.IsUndone && PostgresProblem.IsConnectionLost(failure));
                if (attempt == AttemptsMax || !mayRetry)
                {
                    Fail(failure);
                    return false;
                }
            }
        }

        return false;
    }

    private static async Task CloseAfterAsync(Task commit, CommitConnection connection)
    {
        await commit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DropAsync();
    }

    private async Task CommitAsync(CommitConnection connection, CommitBatch batch)
    {
        var receipt = await connection.CommitAsync(batch);
        if (connection.IsAbandoned)
        {
            return;
        }

        // The commit is durable now, whatever fails afterwards.
        if (context.Condition.Committed(number, receipt))
        {
            context.Logger.LogInformation("PostgreSQL at {Where} accepts commits again", context.Database.Where);
        }

        try
        {
            context.Fault(StoreStep.CommitDurable);
            await totals.CommitEndedAsync(receipt, batch.EarliestDue);
            context.Fault(StoreStep.CommitApplied);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            context.Logger.LogWarning(failure, "A commit is durable, but reading the totals after it failed; the next reading includes it");
        }
    }

    /// <summary>Tells the callers; work that must still be compared with the stored rows remains.</summary>
    private void Answer(CommitBatch batch, bool isDurable)
    {
        _works.Clear();
        foreach (var (work, outcome) in batch.Outcomes(isDurable))
        {
            if (outcome is { } known)
            {
                _answered.Add(work);
                _outcomes.Add(known);
            }
            else
            {
                _works.Add(work);
            }
        }

        waiting.Leave(_answered);
        for (var index = 0; index < _answered.Count; index++)
        {
            _answered[index].Complete(_outcomes[index]);
        }

        _answered.Clear();
        _outcomes.Clear();
    }

    // During the pause nobody waits for an absent server.
    private bool IsPausing() => !_connection.IsOpen && context.Condition.HasProblem(number) && Stopwatch.GetElapsedTime(_lostAt) < ConnectPause;

    private void Fail(Exception failure)
    {
        var problem = $"{context.Database.Explain(failure)} The store retries automatically.";
        if (!context.Condition.HasProblem(number))
        {
            context.Logger.LogError(failure, "{Problem}", problem);
        }

        context.Condition.Failed(number, problem);
    }
}
