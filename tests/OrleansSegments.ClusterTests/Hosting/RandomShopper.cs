using System.Text;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>
/// Seeded histories of shoppers: all kinds of calls, equal times, late ones, missing fields. Equal seeds give equal behaviour under any id.
/// </summary>
internal static class RandomShopper
{
    private static readonly string[] Names =
        ["Order Completed", "Order Refunded", "Product Viewed", "Product Added", "Products Searched", "Promotion Clicked", "Feedback Submitted", "Something Else"];

    private static readonly string[] Categories = ["fashion", "Electronics", "home", "grocery", "beauty", "büro", "toys"];

    /// <summary>Events between two moments, ordered by time.</summary>
    public static CustomerEvent[] History(string customerId, int seed, int count, DateTimeOffset from, DateTimeOffset until)
    {
        var random = new Random(seed);
        var at = Enumerable.Range(0, count).Select(_ => from.ToUnixTimeMilliseconds() + (long)(random.NextDouble() * (until - from).TotalMilliseconds)).Order().ToArray();

        // One in four has the same millisecond as the previous one.
        for (var index = 1; index < count; index++)
            at[index] = random.Next(4) == 0 ? at[index - 1] : at[index];
        CustomerEvent[] events = [.. at.Select((moment, index) => One(random, customerId, $"{seed}-{index}", moment))];

        // Of two statements in one millisecond the later one of a batch wins, so they would not be independent of the order.
        var taken = new HashSet<long>();
        for (var index = 0; index < count; index++)
        {
            if (events[index].Kind == EventKind.Identify && !taken.Add(events[index].OccurredAtMilliseconds))
                events[index] = events[index] with { Kind = EventKind.Page, Body = default };
        }

        return events;
    }

    public static CustomerEvent Order(string customerId, string messageId, DateTimeOffset at, string body = """{"revenue":20}""") =>
        new(customerId, messageId, EventKind.Track, "Order Completed", at.ToUnixTimeMilliseconds(), Bytes(body), default);

    public static CustomerEvent Search(string customerId, string messageId, DateTimeOffset at) =>
        new(customerId, messageId, EventKind.Track, "Products Searched", at.ToUnixTimeMilliseconds(), Bytes("""{"query":"shoes"}"""), default);

    private static CustomerEvent One(Random random, string customerId, string messageId, long at) => random.Next(10) switch
    {
        0 => new CustomerEvent(customerId, messageId, EventKind.Page, "Home", at, default, Context(random)),
        1 => new CustomerEvent(customerId, messageId, EventKind.Identify, null, at, Traits(random), default),
        2 => new CustomerEvent(customerId, messageId, EventKind.Screen, "Start", at, Properties(random), Context(random)),
        _ => new CustomerEvent(customerId, messageId, EventKind.Track, Names[random.Next(Names.Length)], at, Properties(random), Context(random)),
    };

    private static ReadOnlyMemory<byte> Properties(Random random)
    {
        var products = Enumerable.Range(0, random.Next(4)).Select(_ =>
            $$"""{"product_id":"p{{random.Next(50)}}","category":"{{Categories[random.Next(Categories.Length)]}}","price":{{random.Next(1, 9999) / 100.0}},"quantity":{{random.Next(1, 5)}}}""");
        var revenue = random.Next(5) == 0 ? "" : $"\"revenue\":{random.Next(1, 30_000) / 100.0},";
        var coupon = random.Next(3) == 0 ? "\"coupon\":\"X\"," : "";
        return Bytes($$"""{{{revenue}}{{coupon}}"category":"{{Categories[random.Next(Categories.Length)]}}","rating":{{random.Next(1, 6)}},"products":[{{string.Join(',', products)}}]}""");
    }

    private static ReadOnlyMemory<byte> Traits(Random random) =>
        Bytes($$$"""{"age":{{{random.Next(18, 90)}}},"t{{{random.Next(60):00}}}":{{{random.Next(100)}}},"address":{"country":"{{{(random.Next(2) == 0 ? "GB" : "DE")}}}"}}""");

    private static ReadOnlyMemory<byte> Context(Random random) => random.Next(3) switch
    {
        0 => default,
        1 => Bytes("""{"timezone":"America/New_York","device":{"type":"ios"}}"""),
        _ => Bytes("""{"os":{"name":"Windows"},"location":{"country":"FR","latitude":-12.5}}"""),
    };

    private static ReadOnlyMemory<byte> Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
