using OrleansSegments.Storage.Deadlines;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class IndexedDeadlineTests
{
    [Fact]
    public void It_is_never_later_than_the_deadline_and_earlier_by_at_most_an_eighth_of_the_distance()
    {
        var random = new Random(8);
        for (var turn = 0; turn < 100_000; turn++)
        {
            var now = random.NextInt64(-2_000_000_000_000, 2_000_000_000_000);
            var due = now + random.NextInt64(-1_000, 1L << random.Next(1, 40));
            var indexed = IndexedDeadline.Of(due, now)!.Value;
            Assert.True(indexed <= due && due - indexed <= Math.Max(0, due - now) / 8, $"{due} at {now} is indexed as {indexed}; seed 8, turn {turn}");
        }

        Assert.Null(IndexedDeadline.Of(null, 5));
    }

    [Fact]
    public void A_million_deadlines_within_a_month_share_few_moments()
    {
        var random = new Random(9);
        var moments = Enumerable.Range(0, 1_000_000).Select(_ => IndexedDeadline.Of(random.NextInt64(86_400_000, 30L * 86_400_000), 0)).Distinct();
        Assert.True(moments.Count() < 100, $"{moments.Count()} moments");
    }
}
