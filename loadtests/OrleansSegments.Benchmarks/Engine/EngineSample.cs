using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Simulator;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Benchmarks.Engine;

/// <summary>One event as it meets its customer: the record before it, the facts read from it, and what came of them.</summary>
/// <param name="Now">When it was delivered, Unix milliseconds.</param>
internal sealed record EngineSample(
    SimulatedEvent Event, string MessageId, CustomerRecord? Before, byte[] Facts, byte[] After, CustomerPlacement Placement, long Now)
{
    public static EventInput Input(in SimulatedEvent source, string messageId) => new()
    {
        Type = source.Type switch
        {
            SimulatedEventType.Identify => EventType.Identify,
            SimulatedEventType.Page => EventType.Page,
            _ => EventType.Track,
        },
        Name = source.Name,
        MessageId = messageId,
        OccurredAtMilliseconds = source.OccurredAt.ToUnixTimeMilliseconds(),
        Properties = source.Properties.Span,
        Context = source.Context.Span,
    };
}
