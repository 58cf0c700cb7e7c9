using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Time;
using OrleansSegments.UnitTests.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Time;

public sealed class CrossingTimeTests
{
    private const long Minute = CrossingTime.MinuteMilliseconds;
    private const long Hour = CrossingTime.HourMilliseconds;
    private const int Cases = 30;

    private static readonly FeatureEngine Engine = new(FeatureCatalogue.Default);

    [Fact]
    public void Crossing_equals_the_minute_by_minute_search()
    {
        var (crossings, inFirstHour) = (0, 0);
        for (var seed = 0; seed < Cases; seed++)
        {
            var one = Scenario.Make(seed);
            var expected = BruteForce(one);
            var actual = CrossingTime.Next(Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            var plain = CrossingTime.NextPlain(Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            Assert.True(expected == actual, $"seed {seed}: expected {(expected - one.Now) / Minute} minutes, found {(actual - one.Now) / Minute}");
            Assert.True(expected == plain, $"seed {seed}: expected {expected}, plain search {plain}");
            crossings += expected is null ? 0 : 1;
            inFirstHour += expected <= CrossingTime.NextHour(one.Now) ? 1 : 0;
        }

        Assert.True(crossings > Cases / 2 && inFirstHour > 1, $"{crossings} crossings, {inFirstHour} of them in the first hour");
        Assert.True(crossings < Cases, "no case without a crossing");
    }

    [Fact]
    public void Both_searches_agree_on_many_customers()
    {
        for (var seed = 1000; seed < 1400; seed++)
        {
            var one = Scenario.Make(seed);
            var plain = CrossingTime.NextPlain(Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            var fast = CrossingTime.Next(Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            Assert.True(plain == fast, $"seed {seed}: plain {plain}, fast {fast}, now {one.Now}");
        }
    }

    [Fact]
    public void A_crossing_is_a_whole_minute_after_now_where_the_segment_differs()
    {
        for (var seed = 100; seed < 300; seed++)
        {
            var one = Scenario.Make(seed);
            if (CrossingTime.Next(Engine, one.State, one.Now, one.Current, one.Settled, one.Decision) is not { } at)
            {
                continue;
            }

            var reference = at > CrossingTime.NextHour(one.Now) ? one.Current : one.Settled;
            Assert.True(at > one.Now && at % Minute == 0, $"seed {seed}: {at}");
            Assert.True(Decide(one, at, reference) != one.Current, $"seed {seed}: nothing changes at {at}");
        }
    }

    [Fact]
    public void A_single_segment_is_never_left()
    {
        var one = Scenario.Make(1);
        var alone = new PointsDecision([new double[Engine.FeatureCount]]);
        Assert.Null(CrossingTime.Next(Engine, one.State, one.Now, 0, 0, alone));
        Assert.Null(CrossingTime.NextPlain(Engine, one.State, one.Now, 0, 0, alone));
    }

    /// <summary>Evaluates every minute; at each full hour the effective segment becomes the reference.</summary>
    private static long? BruteForce(Scenario one)
    {
        var reference = one.Settled;
        var end = CrossingTime.NextHour(one.Now) + CrossingTime.HorizonMilliseconds;
        for (var at = (one.Now / Minute + 1) * Minute; at <= end; at += Minute)
        {
            var effective = Decide(one, at, reference);
            if (effective != one.Current)
            {
                return at;
            }

            reference = at % Hour == 0 ? effective : reference;
        }

        return null;
    }

    private static int Decide(Scenario one, long at, int reference)
    {
        Span<double> values = stackalloc double[Engine.FeatureCount];
        Engine.Evaluate(one.State, at, values);
        return one.Decision.Decide(values, reference);
    }

    /// <summary>A customer between a segment like the customer now and one like the same customer later.</summary>
    private sealed record Scenario(byte[] State, long Now, int Current, int Settled, PointsDecision Decision)
    {
        public static Scenario Make(int seed)
        {
            var random = new Random(seed);
            var history = RandomHistory.Make(random, random.Next(1, 40));
            var customer = new CustomerUnderTest().Receive(history);
            var now = history[^1].At + (long)(random.NextDouble() * 5 * TestEvent.Day);
            var later = now + (long)(Math.Pow(10, random.NextDouble() * 4.5 - 2) * TestEvent.Day);
            var points = new[] { customer.Values(now - random.Next(3) * TestEvent.Hour), customer.Values(later) };

            // Every third customer is held in a settled segment that it is about to leave or is no longer nearest to.
            var settled = random.Next(3) == 0 ? 1 : 0;
            var decision = new PointsDecision(points, random.Next(2) * 0.15);
            return new Scenario(customer.State, now, decision.Decide(customer.Values(now), settled), settled, decision);
        }
    }
}

/// <summary>The nearest of a few points with a hysteresis margin; unknown values count as zero.</summary>
internal readonly struct PointsDecision(double[][] points, double margin = 0.15) : ISegmentDecision
{
    public SegmentLanes? Lanes => null;

    public int Decide(ReadOnlySpan<double> values, int referenceSegment)
    {
        var nearest = 0;
        for (var k = 1; k < points.Length; k++)
        {
            nearest = Distance(values, k) < Distance(values, nearest) ? k : nearest;
        }

        var stays = referenceSegment >= 0 && Distance(values, nearest) >= (1 - margin) * Distance(values, referenceSegment);
        return stays ? referenceSegment : nearest;
    }

    private double Distance(ReadOnlySpan<double> values, int k)
    {
        var sum = 0.0;
        for (var d = 0; d < values.Length; d++)
        {
            var difference = (double.IsNaN(values[d]) ? 0 : values[d]) - (double.IsNaN(points[k][d]) ? 0 : points[k][d]);
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }
}
