using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class MessageListTests
{
    private const int Max = FeatureEngine.MessagesMax;
    private const uint Day = 24 * 60;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_day_of_messages_is_known_however_many_and_the_state_holds_few_of_them(int batchSize)
    {
        var events = Orders(700);
        var customer = new CustomerUnderTest();
        foreach (var batch in events.Chunk(batchSize))
        {
            customer.Receive(batch);
            Assert.InRange(FeatureEngine.SizeOf(customer.State).Messages, 1, Max * 12);
        }

        At(customer, Day).Receive(events).Receive(events.Reverse());

        Assert.Equal((700, 1_400), (customer.Applied, customer.Duplicates));
        Assert.Equal(700, FeatureEngine.EventCount(customer.State));
    }

    [Fact]
    public void A_message_is_forgotten_after_its_last_minute_in_the_state_and_out_of_it()
    {
        var (few, many) = (Orders(1), Orders(100));
        var quiet = At(new CustomerUnderTest().Receive(few), Day + 1).Receive(few);
        var busy = At(new CustomerUnderTest().Receive(many), Day + 1).Receive(many);

        Assert.Equal((2, 0), (quiet.Applied, quiet.Duplicates));
        Assert.Equal(12, FeatureEngine.SizeOf(quiet.State).Messages);
        Assert.Equal((200, 0), (busy.Applied, busy.Duplicates));
        Assert.Equal(0, busy.LookUps);
    }

    [Fact]
    public void Nothing_is_looked_up_for_a_customer_who_has_few_messages_a_day()
    {
        var customer = new CustomerUnderTest();
        foreach (var (order, number) in Orders(20 * Max).Select((order, number) => (order, number)))
        {
            At(customer, (uint)(number * Day / (Max - 1))).Receive(order).Receive(order);
        }

        Assert.Equal((0, 0, 20 * Max), (customer.LookUps, customer.Spilled.Count, customer.Applied));
        customer.Receive(Orders(Max, "more")).Receive(Orders(1, "last"));
        Assert.Equal(1, customer.LookUps);
    }

    [Fact]
    public void Messages_of_an_import_are_never_forgotten()
    {
        var events = Orders(100);
        var customer = new CustomerUnderTest { Window = new MessageWindow(0, uint.MaxValue) }.Receive(events);
        At(customer, 500_000 * Day / 1_000).Receive(events);

        Assert.Equal((100, 100), (customer.Applied, customer.Duplicates));
    }

    [Fact]
    public void The_oldest_messages_are_spilled_and_the_newest_stay()
    {
        var events = Orders(Max + 1);
        var customer = new CustomerUnderTest();
        foreach (var order in events)
        {
            customer.Receive(order);
        }

        Assert.Equal(Max + 1 - 16, customer.Spilled.Count);
        customer.Receive(events[^16..]);
        Assert.Equal(0, customer.LookUps);
        customer.Receive(events[..^16]);
        Assert.Equal((Max + 1 - 16, Max + 1), (customer.LookUps, customer.Duplicates));
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
                : new TestEvent(Engine.Features.EventType.Track, "Product Viewed", $"v{i}", TestEvent.Start + i * TestEvent.Day, """{"category":"home"}""")]);
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

    private static TestEvent[] Orders(int count, string prefix = "o") =>
        [.. Enumerable.Range(0, count).Select(i => TestEvent.Order($"{prefix}{i}", TestEvent.Start + i, "{}"))];

    private static CustomerUnderTest At(CustomerUnderTest customer, uint minutesLater)
    {
        customer.Window = MessageWindow.Of(TestEvent.Start + minutesLater * 60_000L, Day);
        return customer;
    }
}
