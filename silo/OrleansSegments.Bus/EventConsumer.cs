using MassTransit;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Bus;

/// <summary>
/// Takes the events of one message. Returning acknowledges it: everything in it is then durable. A busy store makes it wait and try again, and
/// as the broker hands out only so many messages that are not acknowledged, that slows the queue down. A message that was handed out twice changes nothing.
/// </summary>
internal sealed class EventConsumer(IEventIntake intake, BusMetrics metrics) : IConsumer<CustomerEvents>
{
    /// <summary>Reasons told of one message.</summary>
    private const int ReasonsMax = 5;

    public async Task Consume(ConsumeContext<CustomerEvents> context)
    {
        IntakeReceipt receipt = await intake.TakeAsync(MessageBody.BatchOf(context.ReceiveContext.Body.GetBytes()));
        if (receipt.Routed.Status != RouteStatus.Durable)
        {
            metrics.Waited();
            throw new StoreBusyException($"The events are not durable yet: {receipt.Routed.Status}.");
        }

        if (receipt.Refusal is not null || receipt.Routed.Rejected.Length > 0)
        {
            metrics.Refused();
            throw new MessageRefusedException(ReasonOf(receipt));
        }

        metrics.Taken();
    }

    /// <summary>The good events of the message are counted; when it is sent again after its mending they count as duplicates.</summary>
    private static string ReasonOf(IntakeReceipt receipt)
    {
        EventRejection[] rejected = receipt.Routed.Rejected;
        return receipt.Refusal
            ?? string.Join(" ", rejected.Take(ReasonsMax).Select(one => $"Event {one.Index}: {one.Code}. {one.Message}"))
            + (rejected.Length > ReasonsMax ? $" {rejected.Length - ReasonsMax} more were refused." : "")
            + $" {receipt.Routed.Accepted + receipt.Routed.Duplicates} events of the message are counted.";
    }
}

/// <summary>The store cannot take the events now; the message is tried again.</summary>
internal sealed class StoreBusyException(string message) : Exception(message);

/// <summary>Events of the message can never be accepted; it goes to the error queue with this reason.</summary>
internal sealed class MessageRefusedException(string message) : Exception(message);
