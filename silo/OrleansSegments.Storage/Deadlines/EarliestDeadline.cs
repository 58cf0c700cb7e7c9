namespace OrleansSegments.Storage.Deadlines;

/// <summary>
/// The earliest deadline, never later than the true one. Commits lower it; only a reader that has looked at all deadlines raises it, and
/// not above those that were committed while it looked.
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

    /// <summary>Begins a look; a look that begins later takes its place.</summary>
    public long BeginLook()
    {
        lock (_gate)
        {
            _sinceLook = long.MaxValue;
            return ++_look;
        }
    }

    /// <summary>Ends a look that found this to be the earliest; null for nobody.</summary>
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
