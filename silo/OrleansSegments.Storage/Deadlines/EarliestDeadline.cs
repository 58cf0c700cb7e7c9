namespace OrleansSegments.Storage.Deadlines;

/// <summary>
/// A lower bound of all deadlines. Commits lower it; only a reader that has scanned all deadlines may raise it, and not above those
/// committed during its scan.
/// </summary>
internal sealed class EarliestDeadline(long? initial)
{
    private readonly Lock _gate = new();
    private long _earliest = initial ?? long.MaxValue;
    private long _sinceLook = long.MaxValue;
    private long _look;

    public long? Milliseconds => Volatile.Read(ref _earliest) is var earliest && earliest == long.MaxValue ? null : earliest;

    public void Lower(long milliseconds)
    {
        if (milliseconds >= Volatile.Read(ref _earliest) && milliseconds >= Volatile.Read(ref _sinceLook))
        {
            return;
        }

        lock (_gate)
        {
            _earliest = Math.Min(_earliest, milliseconds);
            _sinceLook = Math.Min(_sinceLook, milliseconds);
        }
    }

    /// <summary>Starts a scan; a later scan supersedes it.</summary>
    public long BeginLook()
    {
        lock (_gate)
        {
            _sinceLook = long.MaxValue;
            return ++_look;
        }
    }

    /// <summary>Ends a scan with the earliest deadline found; null for none.</summary>
    public void EndLook(long look, long? earliest)
    {
        lock (_gate)
        {
            if (look == _look)
            {
                _earliest = Math.Min(earliest ?? long.MaxValue, _sinceLook);
            }
        }
    }
}
