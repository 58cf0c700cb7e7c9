using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.UnitTests.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Events;

public sealed class EventSurveyTests
{
    private const long Start = TestEvent.Start;

    private static readonly EventReader Reader = new(FeatureCatalogue.Default);

    [Fact]
    public void Names_counts_times_and_properties_with_their_types_are_seen()
    {
        var survey = Survey(
            TestEvent.Order("a", Start + 5, """{"revenue":1,"note":null,"products":[],"x\u0079":{}}"""),
            TestEvent.Identify("i", Start, """{"age":4,"vip":true}"""),
            new TestEvent(EventType.Track, "Spin Won", "s", Start),
            new TestEvent(EventType.Page, "Some title", "p", Start));
        for (var i = 0; i < EventSurvey.SampledEvery; i++)
        {
            survey.Take(Survey(TestEvent.Order($"b{i}", Start + i, """{"revenue":"1"}""")));
        }

        var (events, beyond) = survey.Drain();
        var order = events.Single(x => x.Name == "Order Completed");
        Assert.Equal((17L, Start, Start + 15, true), (order.Count, order.FirstAt, order.LastAt, order.IsRead));
        Assert.Equal(
            ["note null False", "products array True", "revenue string,number True", "xy object False"],
            order.Properties.Select(x => $"{x.Name} {string.Join(',', x.Types)} {x.IsRead}").Order(StringComparer.Ordinal));
        Assert.Equal(["age True", "vip False"], events.Single(x => x.Type == EventType.Identify).Properties.Select(x => $"{x.Name} {x.IsRead}").Order());
        Assert.False(events.Single(x => x.Name == "Spin Won").IsRead);
        Assert.Equal("", events.Single(x => x.Type == EventType.Page).Name);
        Assert.Equal(0, beyond);
        Assert.True(survey.IsEmpty);
    }

    [Fact]
    public void Names_and_properties_are_bounded_and_what_finds_no_room_is_counted()
    {
        var wide = string.Join(',', Enumerable.Range(0, 130).Select(i => $"\"p{i}\":1"));
        var survey = Survey([.. Enumerable.Range(0, 1200).Select(i => new TestEvent(EventType.Track, $"e{i}", $"{i}", Start, $"{{{wide}}}"))]);
        var total = new EventSurvey();
        total.Take(survey);
        total.Take(Survey(new TestEvent(EventType.Track, "e5", "again", Start)));

        var (events, beyond) = total.Drain();
        Assert.Equal((EventSurvey.NamesMax, 200L), (events.Count, beyond));
        Assert.All(events, x => Assert.Equal((EventSurvey.PropertiesMax, 30L), (x.Properties.Count, x.BeyondProperties)));
        Assert.Equal(2, events.Single(x => x.Name == "e5").Count);
    }

    [Fact]
    public void Names_that_are_known_allocate_nothing()
    {
        var writer = new FactsWriter { Survey = new EventSurvey() };
        var order = TestEvent.Order("a", Start, """{"revenue":1,"coupon":"x"}""");
        var (properties, total) = (System.Text.Encoding.UTF8.GetBytes(order.Properties), new EventSurvey());
        long allocated = 0;
        for (var round = 0; round < 200; round++)
        {
            writer.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Reader.Read(new EventInput { Type = order.Type, Name = order.Name, MessageId = order.Id, OccurredAtMilliseconds = order.At, Properties = properties }, writer);
            total.Take(writer.Survey);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static EventSurvey Survey(params TestEvent[] events)
    {
        var writer = new FactsWriter { Survey = new EventSurvey() };
        foreach (var one in events)
        {
            Assert.True(one.ReadInto(Reader, writer));
        }

        return writer.Survey;
    }
}
