using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.Webhooks;

/// <summary>One message for a receiver. Its id and body stay the same however often it is sent.</summary>
internal sealed class WebhookMessage(WebhookTarget target, string id, long sequence, string body)
{
    private const string TestText = "A test: nothing has happened.";

    public WebhookTarget Target => target;

    public string Id => id;

    public long Sequence => sequence;

    public string Body => body;

    /// <summary>How often it was sent.</summary>
    public int Attempts { get; set; }

    /// <summary>Tells of a transition.</summary>
    public static WebhookMessage Of(WebhookTarget target, TransitionView transition)
    {
        string id = target.MessageIdOf(transition.Sequence);
        return new WebhookMessage(target, id, transition.Sequence, target.Format == WebhookTarget.SegmentFormat
            ? SegmentBatch.Of(target, id, transition)
            : JsonSerializer.Serialize(new ChangeMessage("customer.segment_changed", transition.OccurredAt, transition), WebhookJson.Default.ChangeMessage));
    }

    /// <summary>Tells of nothing, to try the receiver.</summary>
    public static WebhookMessage Test(WebhookTarget target, DateTimeOffset now)
    {
        string id = target.MessageIdOf(0) + $"_test_{now.ToUnixTimeMilliseconds()}";
        return new WebhookMessage(target, id, 0, target.Format == WebhookTarget.SegmentFormat
            ? SegmentBatch.Test(id, now)
            : JsonSerializer.Serialize(new TestMessage("webhook.test", now, new TestData(TestText)), WebhookJson.Default.TestMessage));
    }
}

/// <summary>The batch of track events that Segment's own audiences send: one for the segment left, one for the segment entered.</summary>
internal static class SegmentBatch
{
    public static string Of(WebhookTarget target, string messageId, TransitionView transition)
    {
        JsonArray events = [];
        if (target.IsWanted(transition.From))
        {
            events.Add(Event(messageId, transition, transition.From!, isEntered: false));
        }

        if (target.IsWanted(transition.To))
        {
            events.Add(Event(messageId, transition, transition.To!, isEntered: true));
        }

        return new JsonObject { ["batch"] = events }.ToJsonString();
    }

    public static string Test(string messageId, DateTimeOffset now) => new JsonObject
    {
        ["batch"] = new JsonArray(new JsonObject
        {
            ["type"] = "track",
            ["event"] = "Webhook Tested",
            ["anonymousId"] = "webhook-test",
            ["messageId"] = messageId,
            ["timestamp"] = now,
            ["properties"] = new JsonObject(),
        }),
    }.ToJsonString();

    private static JsonObject Event(string messageId, TransitionView transition, string segment, bool isEntered) => new()
    {
        ["type"] = "track",
        ["event"] = isEntered ? "Audience Entered" : "Audience Exited",
        ["userId"] = transition.CustomerId,
        ["messageId"] = $"{messageId}-{(isEntered ? "entered" : "exited")}",
        ["timestamp"] = transition.OccurredAt,
        ["properties"] = new JsonObject { ["audience_key"] = segment, [segment] = isEntered },
        ["context"] = new JsonObject
        {
            ["personas"] = new JsonObject
            {
                ["computation_class"] = "audience",
                ["computation_id"] = segment,
                ["computation_key"] = segment,
                ["namespace"] = "segments",
                ["space_id"] = "segments",
            },
        },
    };
}

/// <summary>The body of a message in the format standard.</summary>
internal sealed record ChangeMessage(string Type, DateTimeOffset Timestamp, TransitionView Data);

internal sealed record TestMessage(string Type, DateTimeOffset Timestamp, TestData Data);

internal sealed record TestData(string Message);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ChangeMessage))]
[JsonSerializable(typeof(TestMessage))]
internal sealed partial class WebhookJson : JsonSerializerContext;
