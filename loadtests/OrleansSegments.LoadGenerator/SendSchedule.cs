namespace OrleansSegments.LoadGenerator;

/// <summary>
/// When each batch is meant to be sent, fixed before the first one is: an API that slows down gets no rest, and the wait it causes is
/// counted as latency.
/// </summary>
/// <param name="EventsPerSecond">The rate to keep.</param>
/// <param name="Seconds">How long to send.</param>
/// <param name="BatchSize">Events in a batch; the last one may have fewer.</param>
public readonly record struct SendSchedule(int EventsPerSecond, double Seconds, int BatchSize)
{
    public long Events => Math.Max(1, (long)Math.Round(EventsPerSecond * Seconds));

    public long Batches => ((Events - 1) / BatchSize) + 1;

    public int EventsIn(long batch) => (int)Math.Min(BatchSize, Events - (batch * BatchSize));

    /// <summary>The intended send time of a batch after the start of the run.</summary>
    public TimeSpan IntendedAt(long batch) =>
        new((long)Math.Round((double)TimeSpan.TicksPerSecond * batch * BatchSize / EventsPerSecond));
}
