using System.Text;
using OrleansSegments.Engine.Events;

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
