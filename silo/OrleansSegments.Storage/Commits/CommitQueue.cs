namespace OrleansSegments.Storage.Commits;

/// <summary>
/// What waits for the commit thread. Callers append to one list under a short lock; the commit thread swaps the list for an empty one and
/// deals it out in batches. The limits count what is handed in and not yet answered.
/// </summary>
internal sealed class CommitQueue(SqliteStoreOptions options)
{
    private readonly object _gate = new();
    private List<PendingWork> _waiting = [];
    private List<PendingWork> _dealt = [];
    private int _next;
    private int _changes;
    private long _bytes;
    private bool _isClosed;

    public int ChangesWaiting => Volatile.Read(ref _changes);

    /// <summary>Appends unless a limit is reached; bulk work of which each caller has one piece at a time is not limited.</summary>
    public CommitAdmission Add(PendingWork work, bool isLimited)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return CommitAdmission.Closed;
            }

            if (isLimited && (_changes >= options.ChangesWaitingMax || _bytes + work.Bytes > options.BytesWaitingMax) && _changes > 0)
            {
                return CommitAdmission.Full;
            }

            _waiting.Add(work);
            _changes += work.Changes;
            _bytes += work.Bytes;
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return CommitAdmission.Waiting;
        }
    }

    /// <summary>Fills the batch with the oldest work, within the limits of a commit; waits while there is none. False when closed and empty.</summary>
    public bool Take(List<PendingWork> batch)
    {
        batch.Clear();
        if (_next == _dealt.Count && !Swap())
        {
            return false;
        }

        var changes = 0;
        var bytes = 0L;
        while (_next < _dealt.Count)
        {
            var work = _dealt[_next];
            changes += work.Changes;
            bytes += work.Bytes;
            if (batch.Count > 0 && (changes > options.CommitChangesMax || bytes > options.CommitBytesMax))
            {
                break;
            }

            batch.Add(work);
            _dealt[_next++] = null!;
        }

        return true;
    }

    /// <summary>A batch is answered and no longer counts.</summary>
    public void Release(List<PendingWork> batch)
    {
        var changes = 0;
        var bytes = 0L;
        foreach (var work in batch)
        {
            changes += work.Changes;
            bytes += work.Bytes;
        }

        lock (_gate)
        {
            _changes -= changes;
            _bytes -= bytes;
        }
    }

    /// <summary>Lets nothing more in; what waits is still dealt out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool Swap()
    {
        _dealt.Clear();
        _next = 0;
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isClosed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (_waiting, _dealt) = (_dealt, _waiting);
            return true;
        }
    }
}
