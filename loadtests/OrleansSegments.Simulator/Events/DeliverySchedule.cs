using OrleansSegments.Simulator.Randomness;

namespace OrleansSegments.Simulator.Events;

/// <summary>When an event reaches the server: mostly within seconds, a few late, a few twice.</summary>
internal static class DeliverySchedule
{
    public const double LateMinutesMin = 2;
    public const double LateMinutesMax = 20 * 60;
    private const int PromptMillisecondsMax = 5_000;
    private const int RetryMillisecondsMax = 10 * 60 * 1_000;

    /// <summary>The first delivery, in ticks. Delays of late events are spread evenly over the orders of magnitude.</summary>
    public static long First(ref CounterRandom random, long occurredTicks, double lateShare)
    {
        if (!random.NextChance(lateShare))
        {
            return occurredTicks + (random.NextBelow(PromptMillisecondsMax) * TimeSpan.TicksPerMillisecond);
        }

        double minutes = LateMinutesMin * Math.Pow(LateMinutesMax / LateMinutesMin, random.NextUniform());
        return occurredTicks + ((long)(minutes * 60_000) * TimeSpan.TicksPerMillisecond);
    }

    /// <summary>The second delivery of a duplicate, in ticks: a client's retry within ten minutes.</summary>
    public static long Second(ref CounterRandom random, long firstTicks) =>
        firstTicks + ((1 + random.NextBelow(RetryMillisecondsMax)) * TimeSpan.TicksPerMillisecond);
}
