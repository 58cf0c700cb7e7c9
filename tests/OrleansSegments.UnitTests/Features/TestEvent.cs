using System.Text;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.UnitTests.Features;

/// <summary>An event that tests can keep, shuffle and repeat.</summary>
internal sealed record TestEvent(EventType Type, string? Name, string Id, long At, string Properties = "{}", string Context = "{}")
{
    public const long Hour = 3_600_000;
    public const long Day = 24 * Hour;

    /// <summary>2026-01-05, a Monday, 00:00 UTC.</summary>
    public const long Start = 1_767_571_200_000;

    public static TestEvent Order(string id, long at, string properties, string context = "{}") =>
        new(EventType.Track, "Order Completed", id, at, properties, context);

    public static TestEvent Identify(string id, long at, string traits) => new(EventType.Identify, null, id, at, traits);

    public bool ReadInto(EventReader reader, FactsWriter writer) => reader.Read(
        new EventInput
        {
            Type = Type,
            Name = Name,
            MessageId = Id,
            OccurredAtMilliseconds = At,
            Properties = Encoding.UTF8.GetBytes(Properties),
            Context = Encoding.UTF8.GetBytes(Context),
        },
        writer);
}

/// <summary>Seeded histories of one customer: all kinds of events, equal times, late ones, boundary values and missing fields.</summary>
internal static class RandomHistory
{
    private static readonly string[] Names =
        ["Order Completed", "Order Refunded", "Product Viewed", "Product Added", "Products Searched", "Promotion Clicked", "Feedback Submitted", "Something Else"];

    private static readonly string[] Categories = ["fashion", "Electronics", "home", "grocery", "beauty", "büro", "toys"];

    public static List<TestEvent> Make(Random random, int count)
    {
        var events = new List<TestEvent>();
        var at = TestEvent.Start;
        for (var i = 0; i < count; i++)
        {
            // One in four has the same millisecond as the previous one.
            at += random.Next(4) == 0 ? 0 : (long)(random.NextDouble() * random.NextDouble() * 20 * TestEvent.Day);
            var one = One(random, $"m-{i}-{random.Next()}", at);

            // Of two statements in one millisecond the later one of a batch wins, so they would not be independent of the order.
            at += one.Type == EventType.Identify && events.Any(x => x.Type == EventType.Identify && x.At == one.At) ? 1 : 0;
            events.Add(one with { At = at });
        }

        return events;
    }

    public static TestEvent One(Random random, string id, long at) => random.Next(10) switch
    {
        0 => new TestEvent(EventType.Page, "Home", id, at, "{}", Context(random)),
        1 or 2 => TestEvent.Identify(id, at, Traits(random)),
        _ => new TestEvent(EventType.Track, Names[random.Next(Names.Length)], id, at, Properties(random), Context(random)),
    };

    private static string Properties(Random random)
    {
        var products = Enumerable.Range(0, random.Next(4)).Select(_ =>
            $$"""{"product_id":"p{{random.Next(50)}}","category":"{{Categories[random.Next(Categories.Length)]}}","price":{{random.Next(1, 9999) / 100.0}},"quantity":{{random.Next(1, 5)}}}""");
        var revenue = random.Next(5) switch
        {
            0 => "",
            1 => "\"revenue\":\"abc\",",
            2 => "\"total\":0,",
            _ => $"\"revenue\":{random.Next(1, 100_000) / 100.0},",
        };
        var coupon = random.Next(3) == 0 ? "\"coupon\":\"X\"," : "";
        return $$"""{{{revenue}}{{coupon}}"category":"{{Categories[random.Next(Categories.Length)]}}","rating":{{random.Next(1, 6)}},"products":[{{string.Join(',', products)}}]}""";
    }

    private static string Traits(Random random)
    {
        var gender = random.Next(2) == 0 ? "female" : "male";
        var country = random.Next(2) == 0 ? "GB" : "DE";
        return $$$"""{"age":{{{random.Next(18, 90)}}},"gender":"{{{gender}}}","t{{{random.Next(60):00}}}":{{{random.Next(100)}}},"address":{"country":"{{{country}}}"}}""";
    }

    private static string Context(Random random) => random.Next(3) switch
    {
        0 => "{}",
        1 => """{"timezone":"America/New_York","device":{"type":"ios"}}""",
        _ => """{"os":{"name":"Windows"},"location":{"country":"FR","latitude":-12.5}}""",
    };
}
