namespace OrleansSegments.TestKit.Time;

/// <summary>
/// A clock that moves only when a test advances it. <see cref="Advance"/> runs the timers that become due in order of their due times on
/// the caller's thread, each with the clock at its due time. Thread-safe.
/// </summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ManualTimer> _timers = new(ManualTimer.ByDueTime);
    private DateTimeOffset _now = start;
    private long _timersMade;

    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state, Interlocked.Increment(ref _timersMade));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Advances the clock and runs the timers that become due on the way.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var until = GetUtcNow() + time;
        while (TakeDue(until) is { } timer)
        {
            timer.Fire();
        }

        lock (_gate)
        {
            _now = until > _now ? until : _now;
        }
    }

    private ManualTimer? TakeDue(DateTimeOffset until)
    {
        lock (_gate)
        {
            if (_timers.Min is not { } first || first.DueAt > until)
            {
                return null;
            }

            _timers.Remove(first);
            _now = first.DueAt > _now ? first.DueAt : _now;
            if (first.Period > TimeSpan.Zero)
            {
                first.DueAt += first.Period;
                _timers.Add(first);
            }

            return first;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state, long number) : ITimer
    {
        public static readonly IComparer<ManualTimer> ByDueTime = Comparer<ManualTimer>.Create(
            (left, right) => (left.DueAt, left.Number).CompareTo((right.DueAt, right.Number)));

        private bool _isDisposed;

        public DateTimeOffset DueAt { get; set; }

        public TimeSpan Period { get; private set; }

        private long Number => number;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_isDisposed)
                {
                    return false;
                }

                clock._timers.Remove(this);
                Period = period;
                if (dueTime >= TimeSpan.Zero)
                {
                    DueAt = clock._now + dueTime;
                    clock._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _isDisposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
