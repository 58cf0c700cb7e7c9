namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>A clock that stands still at noon; timers run as always.</summary>
/// <param name="now">Another moment than <see cref="Noon"/>.</param>
internal sealed class TestTime(DateTimeOffset? now = null) : TimeProvider
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now ?? Noon;
}
