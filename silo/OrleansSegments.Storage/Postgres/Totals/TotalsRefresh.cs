using System.Runtime.ExceptionServices;
using Npgsql;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Postgres.Commits;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Postgres.Totals;

/// <summary>
/// Reads the totals, one reading at a time. Whoever asks is answered by a reading that began after the question: several lanes that end a
/// commit at once share one.
/// </summary>
internal sealed class TotalsRefresh(PostgresDatabase database) : IDisposable
{
    private readonly object _gate = new();
    private TotalsQuery? _query;
    private long _begun;
    private long _ended;
    private bool _isReading;
    private Exception? _failure;
    private long _latestOccurred;
    private bool _isBehind;

    public CommittedTotals Totals { get; } = new(SegmentTotals.Empty);

    /// <summary>Never later than the earliest deadline that this silo wrote or found.</summary>
    public EarliestDeadline EarliestDeadline { get; } = new(null);

    /// <summary>There are transitions that cannot be read yet, because a transaction that began before them is still under way.</summary>
    public bool IsBehind => Volatile.Read(ref _isBehind);

    /// <summary>Takes a durable commit in before its callers are told.</summary>
    public void CommitEnded(LaneReceipt receipt, long earliestDue)
    {
        EarliestDeadline.Lower(earliestDue);
        lock (_gate)
        {
            _latestOccurred = Math.Max(_latestOccurred, receipt.LatestOccurredAtMilliseconds);
            Publish(Totals.Current);
        }

        if (receipt.Transitions > 0 || IsBehind)
        {
            Refresh();
        }
    }

    /// <summary>Returns when a reading that began after the call is published.</summary>
    /// <exception cref="NpgsqlException">It failed.</exception>
    public void Refresh()
    {
        lock (_gate)
        {
            var needed = _begun + 1;
            while (_isReading)
            {
                Monitor.Wait(_gate);

                // Nobody waits for two failures in a row. An exception of this thread's own: one thrown by several would mix their stacks.
                if (_failure is not null)
                {
                    throw new NpgsqlException($"The totals could not be read: {_failure.Message}", _failure);
                }

                if (_ended >= needed)
                {
                    return;
                }
            }

            _begun++;
            _isReading = true;
        }

        Read();
    }

    public void Dispose() => _query?.Dispose();

    private void Read()
    {
        TotalsReading? reading = null;
        Exception? failure = null;
        try
        {
            _query ??= new TotalsQuery(database.Open());
            reading = _query.Read();
        }
        catch (Exception problem)
        {
            failure = problem;
            _query?.Dispose();
            _query = null;
        }

        lock (_gate)
        {
            if (reading is not null)
            {
                _isBehind = reading.IsBehind;
                _latestOccurred = Math.Max(_latestOccurred, reading.Totals.LatestOccurredAtMilliseconds);
                Publish(reading.Totals);
            }

            _failure = failure;
            _isReading = false;
            _ended = _begun;
            Monitor.PulseAll(_gate);
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    private void Publish(SegmentTotals totals)
    {
        if (totals != Totals.Current || totals.LatestOccurredAtMilliseconds != _latestOccurred)
        {
            Totals.Publish(totals with { LatestOccurredAtMilliseconds = _latestOccurred });
        }
    }
}
