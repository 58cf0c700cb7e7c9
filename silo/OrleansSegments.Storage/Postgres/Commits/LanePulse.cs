namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// Tells a thread that works from one that waits for the database without end, and which of two threads answers for the work in hand: the one
/// that comes back with it, or the one that gave up waiting. Never both and never neither.
/// </summary>
internal sealed class LanePulse(TimeProvider time)
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int GivenUp = 2;

    private long _beatAt;
    private int _state;

    public bool IsGivenUp => Volatile.Read(ref _state) == GivenUp;

    /// <summary>Work is in hand from now on.</summary>
    public void Begin()
    {
        Beat();
        Volatile.Write(ref _state, Busy);
    }

    /// <summary>The database is about to be asked, so that whatever was asked before was answered.</summary>
    public void Beat() => Volatile.Write(ref _beatAt, time.GetTimestamp());

    /// <summary>False when somebody else has answered for the work meanwhile; then the thread ends.</summary>
    public bool TryEnd() => Interlocked.CompareExchange(ref _state, Idle, Busy) == Busy;

    /// <summary>True once, when the database has been silent for longer than it may; the caller then answers for the work.</summary>
    public bool TryGiveUp(TimeSpan silenceMax) =>
        Volatile.Read(ref _state) == Busy
        && time.GetElapsedTime(Volatile.Read(ref _beatAt)) > silenceMax
        && Interlocked.CompareExchange(ref _state, GivenUp, Busy) == Busy;
}
