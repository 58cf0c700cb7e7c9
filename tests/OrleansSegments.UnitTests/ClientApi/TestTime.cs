namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>A clock that stands still at noon; timers run as always.</summary>
internal sealed class TestTime : TimeProvider
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Noon;
}
