namespace OrleansSegments.Storage.Commits;

/// <summary>Counts what is handed in and not yet answered, over all queues of one store, and refuses what would be too much.</summary>
internal sealed class WaitingWork(CommitLimits limits)
{
    private const int NarrowFactor = 8;

    private readonly Lock _gate = new();
    private int _changes;
    private long _bytes;

    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Lets only an eighth of the limits wait, while what is handed in takes long.</summary>
    public bool IsNarrow { get; set; }

    /// <summary>Counts the work in unless a limit is reached; work that is larger than a limit gets in alone.</summary>
    public bool TryEnter(PendingWork work, bool isLimited)
    {
        var factor = IsNarrow ? NarrowFactor : 1;
        lock (_gate)
        {
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
