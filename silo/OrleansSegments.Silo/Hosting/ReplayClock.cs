namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// The clock of a process that replays history: it stands where the events are. Only the time of day is replayed; timers and timestamps
/// stay real, so that intervals of the process (polls, time-outs) keep their length. Its time never goes back.
/// </summary>
public sealed class ReplayClock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private long _ticks = start.UtcTicks;
    private long _runningSince = -1;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return new DateTimeOffset(_ticks + Elapsed(), TimeSpan.Zero);
        }
    }

    /// <summary>Moves the clock to a moment; does nothing when it is past it.</summary>
    public void AdvanceTo(DateTimeOffset moment)
    {
        lock (_gate)
        {
            long elapsed = Elapsed();
            if (moment.UtcTicks > _ticks + elapsed)
            {
                _ticks = moment.UtcTicks - elapsed;
            }
        }
    }

    /// <summary>Lets the clock go on at the pace of real time from where it stands.</summary>
    public void Run()
    {
        lock (_gate)
        {
            if (_runningSince < 0)
            {
                _runningSince = GetTimestamp();
            }
        }
    }

    private long Elapsed() => _runningSince < 0 ? 0 : GetElapsedTime(_runningSince).Ticks;
}
