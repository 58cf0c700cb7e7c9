using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Merging;

/// <summary>
/// The merge thread: moves what stands in the journal into the tables, sorted by id, when enough has gathered or an interval has passed.
/// The more of all customers a merge writes, the less each costs: it is put off under load for as long as a start stays quick, and then takes
/// its time. Commits go on meanwhile, up to the limits of what may be unmerged; there they wait.
/// </summary>
internal sealed class MergeLoop(TableMerge tables, CommitJournal journal, StoreMemory memory, StoreContext context) : IDisposable
{
    private readonly object _gate = new();
    private readonly Lock _merging = new();
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _timer;
    private Thread? _thread;
    private bool _isRequested;
    private bool _isClosed;
    private long _attempts;
    private int _rowsMerged;
    private int _hurries;
    private bool _lastSucceeded = true;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "store merges" };
        _thread.Start();
        var interval = context.Options.MergeInterval;
        _timer = context.Time.CreateTimer(static state => ((MergeLoop)state!).IntervalPassed(), this, interval, interval);
    }

    /// <summary>Called by the commit thread after each commit.</summary>
    public void CommitEnded()
    {
        var view = memory.Unmerged.View;
        if (view.Merging is null
            && (view.Current.Count >= context.Options.MergeCustomers
                || view.Current.Changes >= context.Options.MergeChanges
                || view.Current.Bytes >= context.Options.UnmergedBytesMax / 2))
        {
            Request();
        }
    }

    /// <summary>
    /// Returns when more may be committed; false when a merge that would make room failed. Rows that the running merge has written no longer
    /// count, so that at the limit commits go on at the pace of the merge and do not stand still until it ends.
    /// </summary>
    public bool WaitForRoom()
    {
        if (!IsFull())
        {
            return true;
        }

        lock (_gate)
        {
            _hurries++;
            try
            {
                return WaitForMerge();
            }
            finally
            {
                _hurries--;
            }
        }
    }

    public void Request()
    {
        lock (_gate)
        {
            _isRequested = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Merges all that was committed before the call. False when a merge failed.</summary>
    public bool MergeAll()
    {
        Hurry(1);
        try
        {
            // The first may find an older generation whose merge failed before.
            return MergeOnce() && MergeOnce();
        }
        finally
        {
            Hurry(-1);
        }
    }

    /// <summary>Ends the thread after the merge it is in; false, and that merge is given up, when the time is up.</summary>
    public bool Close(TimeSpan timeout)
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }

        if (_thread is null || _thread.Join(timeout))
        {
            return true;
        }

        _stopping.Cancel();
        _thread.Join();
        return false;
    }

    /// <summary>Gives a merge in progress up when the time is up; nothing is lost, the journal has it.</summary>
    public void CancelAfter(TimeSpan time) => _stopping.CancelAfter(time);

    public void Dispose()
    {
        _timer?.Dispose();
        _stopping.Dispose();
        tables.Dispose();
    }

    private void IntervalPassed()
    {
        // What a merge left behind a moment ago can wait for the next time.
        var view = memory.Unmerged.View;
        if (view.Current.Age > context.Options.MergeInterval / 2 || view.Merging is not null || !memory.PassedDeadlines.IsEmpty)
        {
            Request();
        }
    }

    private bool IsFull()
    {
        var view = memory.Unmerged.View;
        var (customers, bytes) = ((long)view.Current.Count, view.Current.Bytes);
        if (view.Merging is { } merging)
        {
            var left = Math.Max(0, merging.Count - Volatile.Read(ref _rowsMerged));
            customers += left;
            bytes += merging.Bytes * left / Math.Max(1, merging.Count);
        }

        return customers >= context.Options.UnmergedCustomersMax || bytes >= context.Options.UnmergedBytesMax;
    }

    private void Progress(int rows)
    {
        lock (_gate)
        {
            _rowsMerged = rows;
            Monitor.PulseAll(_gate);
        }
    }

    private bool WaitForMerge()
    {
        while (IsFull())
        {
            var attempts = _attempts;
            _isRequested = true;
            Monitor.PulseAll(_gate);
            while (_attempts == attempts && IsFull() && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            if (IsFull() && (_isClosed || !_lastSucceeded))
            {
                return false;
            }
        }

        return true;
    }

    private void Hurry(int more)
    {
        lock (_gate)
        {
            _hurries += more;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits between two parts of a merge, unless somebody waits for the merge.</summary>
    private void Pause(MergePace pace, int rows)
    {
        lock (_gate)
        {
            while (_hurries == 0 && !_isClosed && pace.Ahead(rows) is { } ahead)
            {
                Monitor.Wait(_gate, ahead);
            }
        }
    }

    private void Run()
    {
        // The rows of a merge are nobody's hurry; at the limit commits wait for them, and then nobody else needs the processors.
        LinuxCalls.StandBack();
        while (true)
        {
            lock (_gate)
            {
                while (!_isRequested && !_isClosed)
                {
                    Monitor.Wait(_gate);
                }

                if (_isClosed)
                {
                    return;
                }

                _isRequested = false;
            }

            var succeeded = MergeOnce();
            lock (_gate)
            {
                _attempts++;
                _lastSucceeded = succeeded;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool MergeOnce()
    {
        lock (_merging)
        {
            var generation = memory.Unmerged.Freeze();
            var passed = memory.PassedDeadlines.TakeAll();
            if (generation is null && passed.Length == 0)
            {
                return true;
            }

            Progress(0);
            try
            {
                context.Fault(StoreStep.MergeStarted);
                var pace = new MergePace(Stopwatch.GetTimestamp(), generation?.Age ?? TimeSpan.Zero, generation?.Count ?? 0);
                tables.Merge(generation, passed, Progress, rows => Pause(pace, rows), _stopping.Token);
                context.Fault(StoreStep.MergeDurable);
                Release(generation);
                context.Condition.MergeEnded(null);
                tables.Checkpoint();
                journal.DeleteUnwanted();
                return true;
            }
            catch (Exception failure)
            {
                Progress(0);
                Fail(failure);
                return false;
            }
        }
    }

    private void Release(UnmergedGeneration? generation)
    {
        if (generation is not null)
        {
            memory.Release(generation);
            Progress(0);
            journal.MergedThrough = generation.LastCommitNumber;
            context.Fault(StoreStep.MergeReleased);
        }
    }

    private void Fail(Exception failure)
    {
        if (failure is OperationCanceledException)
        {
            return;
        }

        var problem = failure is SqliteFailure sqlite
            ? context.Folder.Explain(DataFolder.CustomersFile, sqlite)
            : $"The journal cannot be merged into the tables: {failure.Message} It is tried again.";
        context.Logger.LogError(failure, "{Problem}", problem);
        context.Condition.MergeEnded(problem);
    }
}
