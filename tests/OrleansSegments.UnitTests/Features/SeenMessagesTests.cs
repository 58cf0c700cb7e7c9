using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class SeenMessagesTests
{
    private const int Max = FeatureEngine.SeenMessagesMax;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void The_last_256_messages_are_known_and_older_ones_forgotten(int batchSize)
    {
        var events = Enumerable.Range(0, Max + 44).Select(i => TestEvent.Order($"o{i}", TestEvent.Start + i, "{}")).ToArray();
        var customer = new CustomerUnderTest();
        foreach (var batch in events.Chunk(batchSize))
        {
            customer.Receive(batch);
        }

        Assert.Equal(Max * sizeof(ulong), FeatureEngine.SizeOf(customer.State).Seen);
        customer.Receive(events[44..]);
        Assert.Equal(Max, customer.Duplicates);
        customer.Receive([events[43]]);
        Assert.Equal(Max, customer.Duplicates);
        Assert.Equal(Max + 45, FeatureEngine.EventCount(customer.State));
    }

    [Fact]
    public void A_message_twice_in_one_batch_counts_once_however_long_the_batch()
    {
        var events = Enumerable.Range(0, 2500).Select(i => TestEvent.Order($"o{i}", TestEvent.Start + i, "{}")).ToArray();
        var customer = new CustomerUnderTest().Receive([.. events, .. events]);
        Assert.Equal((2500, 2500), (customer.Applied, customer.Duplicates));
    }

    [Fact]
    public void A_state_after_ten_events_is_small()
    {
        var customer = new CustomerUnderTest();
        for (var i = 0; i < 10; i++)
        {
            customer.Receive([i < 2
                ? TestEvent.Order($"o{i}", TestEvent.Start + i * TestEvent.Day, """{"revenue":30,"products":[{"product_id":"a","category":"home","quantity":1}]}""")
                : new TestEvent(Engine.Events.EventType.Track, "Product Viewed", $"v{i}", TestEvent.Start + i * TestEvent.Day, """{"category":"home"}""")]);
        }

        Assert.InRange(customer.State.Length, 1, 400);
    }

    [Fact]
    public void Times_and_counts_are_read_without_evaluation()
    {
        var customer = new CustomerUnderTest().Receive(
            [TestEvent.Order("b", TestEvent.Start + 5, "{}"), TestEvent.Order("a", TestEvent.Start, "{}"), TestEvent.Order("c", TestEvent.Start + 2, "{}")]);
        Assert.Equal(
            (TestEvent.Start, TestEvent.Start + 5, 3L),
            (FeatureEngine.FirstEventAt(customer.State), FeatureEngine.LastEventAt(customer.State), FeatureEngine.EventCount(customer.State)));
        Assert.Equal((0L, 0L, 0L), (FeatureEngine.FirstEventAt([]), FeatureEngine.LastEventAt([]), FeatureEngine.EventCount([])));
    }

    [Fact]
    public void Traits_are_bounded_in_number_and_size_whatever_the_order()
    {
        var events = Enumerable.Range(0, 200).Select(i => TestEvent.Identify($"i{i}", TestEvent.Start + i, $$"""{"trait{{i:000}}":{{i}}}""")).ToArray();
        var huge = TestEvent.Identify("huge", TestEvent.Start, $$"""{"a":"{{new string('x', 5000)}}","b":1}""");
        var forward = new CustomerUnderTest().Receive([.. events, huge]);
        var backward = new CustomerUnderTest();
        foreach (var one in events.Reverse().Prepend(huge))
        {
            backward.Receive([one]);
        }

        Assert.Equal(forward.Traits, backward.Traits);
        Assert.StartsWith("""{"b":1,"trait000":0,""", forward.Traits, StringComparison.Ordinal);
        Assert.Equal(FeatureEngine.TraitsMax, forward.Traits.Count(x => x == ':'));
    }
}
