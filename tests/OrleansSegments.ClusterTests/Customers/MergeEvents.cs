using System.Text;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>Events that name two ids, and those around them.</summary>
internal static class MergeEvents
{
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Two pages and an order of a visitor, the sign-in, an order of the known customer, and a view that was late.</summary>
    public static CustomerEvent[] Visit(string visitor, string known) =>
    [
        Page(visitor, $"p1-{visitor}", Now.AddMinutes(-50)),
        Page(visitor, $"p2-{visitor}", Now.AddMinutes(-40)),
        RandomShopper.Order(visitor, $"o1-{visitor}", Now.AddMinutes(-30), """{"revenue":40}"""),
        Identify(visitor, known, Now.AddMinutes(-20)),
        RandomShopper.Order(known, $"o2-{visitor}", Now.AddMinutes(-10), """{"revenue":60}"""),
        new(visitor, $"v1-{visitor}", EventKind.Track, "Product Viewed", Now.AddMinutes(-90).ToUnixTimeMilliseconds(), default, default),
    ];

    public static CustomerEvent Page(string id, string messageId, DateTimeOffset at) =>
        new(id, messageId, EventKind.Page, "Home", at.ToUnixTimeMilliseconds(), default, default);

    public static CustomerEvent Identify(string visitor, string known, DateTimeOffset at) => new(
        known, $"i-{visitor}-{known}", EventKind.Identify, null, at.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes("""{"age":30}"""), default, visitor);

    public static CustomerEvent Alias(string previous, string known) =>
        new(known, $"alias-{previous}-{known}", EventKind.Alias, null, Now.ToUnixTimeMilliseconds(), default, default, previous);
}
