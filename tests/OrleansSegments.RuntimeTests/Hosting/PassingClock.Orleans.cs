#if USE_ORLEANS
using OrleansSegments.TestKit.Time;

namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>
/// The test's clock, on which a look takes a microsecond. Orleans waits for the rest of a millisecond by looking again and again; on a clock
/// that stands still between two moves of the test it would look for ever.
/// </summary>
internal sealed class PassingClock(ManualTimeProvider clock) : TimeProvider
{
    private long _looks;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow().AddMicroseconds(Interlocked.Increment(ref _looks));

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
#endif
