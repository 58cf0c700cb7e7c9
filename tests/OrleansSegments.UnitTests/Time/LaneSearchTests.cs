using OrleansSegments.Engine.Time;
using Xunit;

namespace OrleansSegments.UnitTests.Time;

public sealed class LaneSearchTests
{
    private const int Cases = 8_000;

    [Fact]
    public void The_fast_search_finds_what_the_plain_one_finds()
    {
        for (int seed = 0; seed < Cases; seed++)
        {
            CrossingScenario one = CrossingScenario.Make(seed);
            long? plain = CrossingTime.NextPlain(one.Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            long? fast = CrossingTime.Next(one.Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            Assert.True(plain == fast, $"seed {seed}: plain {plain}, fast {fast}, now {one.Now}, {one.Model.SegmentCount} segments");
        }
    }

    [Fact]
    public void The_scenarios_reach_every_kind_of_crossing()
    {
        var (none, firstHour, firstDay, later, heldBack, newcomers) = (0, 0, 0, 0, 0, 0);
        for (int seed = 0; seed < Cases; seed++)
        {
            CrossingScenario one = CrossingScenario.Make(seed);
            long? at = CrossingTime.NextPlain(one.Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            long hour = CrossingTime.NextHour(one.Now);
            none += at is null ? 1 : 0;
            firstHour += at <= hour ? 1 : 0;
            firstDay += at > hour && at <= hour + (24 * CrossingTime.HourMilliseconds) ? 1 : 0;
            later += at > hour + (24 * CrossingTime.HourMilliseconds) ? 1 : 0;
            newcomers += one.Settled != one.Current ? 1 : 0;
            heldBack += one.SegmentAt(one.Now, -1) != one.Current ? 1 : 0;
        }

        string counts = $"none {none}, first hour {firstHour}, first day {firstDay}, later {later}, held back {heldBack}, newcomers {newcomers}";
        Assert.True(new[] { none, firstHour, firstDay, later, heldBack, newcomers }.Min() > Cases / 100, counts);
    }

    [Fact]
    public void Looking_for_a_crossing_allocates_nothing()
    {
        CrossingScenario[] all = [.. Enumerable.Range(0, 200).Select(CrossingScenario.Make)];
        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (CrossingScenario one in all)
            {
                CrossingTime.Next(one.Engine, one.State, one.Now, one.Current, one.Settled, one.Decision);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        Assert.Equal(0, Allocated());
    }
}
