namespace OrleansSegments.Storage.Commits;

/// <summary>Counts what is handed in and not yet answered, over all queues of one store, and refuses what would be too much.</summary>
internal sealed class WaitingWork(CommitLimits limits)
{
    private const int NarrowFactor = 8;

    private readonly Lock _gate = new();
    private int _changes;
    private long _bytes;
    private bool _isNarrow;

    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Lets only an eighth of the limits wait from now on, because what is handed in takes long, or all of them again.</summary>
    public void Narrow(bool isNarrow)
    {
        lock (_gate)
        {
            _isNarrow = isNarrow;
        }
    }

    /// <summary>Counts the work in unless a limit is reached; work that is larger than a limit gets in alone.</summary>
    public bool TryEnter(PendingWork work, bool isLimited)
    {
        lock (_gate)
        {
            var factor = _isNarrow ? NarrowFactor : 1;
            if (isLimited && (_changes >= limits.ChangesWaitingMax / factor || _bytes + work.Bytes > limits.BytesWaitingMax / factor) && _changes > 0)
            {
                return false;
            }

            _changes += work.Changes;
            _bytes += work.Bytes;
            return true;
        }
    }

    public void Leave(List<PendingWork> batch)
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
}
