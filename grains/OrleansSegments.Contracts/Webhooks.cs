using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Webhooks;

/// <summary>Knows which webhooks there are. Key: 0.</summary>
[Alias("webhook-list")]
public interface IWebhookList : IGrainWithIntegerKey
{
    /// <summary>Makes a webhook that tells of every transition from now on. Its receipt is the only one with the secret.</summary>
    [Alias("add")]
    Task<WebhookReceipt> Add(WebhookSettings settings);

    [AlwaysInterleave, Alias("ids")]
    ValueTask<long[]> Ids();

    /// <summary>All webhooks, the oldest first.</summary>
    [AlwaysInterleave, Alias("list")]
    Task<WebhookView[]> List();

    /// <summary>Removes a webhook with everything that is known about it; false when there is none.</summary>
    [Alias("remove")]
    Task<bool> Remove(long id);
}

/// <summary>Tells one receiver of transitions. Key: the webhook's id, which is never used again.</summary>
[Alias("webhook-grain")]
public interface IWebhookGrain : IGrainWithIntegerKey
{
    /// <summary>Stores a new webhook; it delivers from <see cref="EnsureRunning"/> on.</summary>
    /// <param name="cursor">The sequence of the last transition that it does not tell of.</param>
    [Alias("create")]
    Task<WebhookReceipt> Create(WebhookSettings settings, long cursor);

    /// <summary>Starts the deliveries unless they run, and keeps what they have achieved. Every silo calls it every few seconds.</summary>
    [Alias("ensure-running")]
    Task EnsureRunning();

    /// <summary>Null when there is no such webhook.</summary>
    [AlwaysInterleave, Alias("view")]
    ValueTask<WebhookView?> View();

    /// <summary>The last deliveries, newest first.</summary>
    [AlwaysInterleave, Alias("deliveries")]
    ValueTask<WebhookDelivery[]> Deliveries();

    /// <summary>Changes what is not null.</summary>
    [Alias("change")]
    Task<WebhookReceipt> Change(WebhookSettings settings);

    /// <summary>Sends a test message at once, also when disabled, and says what came of it; null when there is no such webhook.</summary>
    [AlwaysInterleave, Alias("test")]
    Task<WebhookDelivery?> Test();

    /// <summary>Tells again of everything from a sequence on.</summary>
    [Alias("replay")]
    Task<WebhookReceipt> Replay(long from);

    /// <summary>Makes a new secret, which the receipt has; the previous one signs too for a day.</summary>
    [Alias("rotate")]
    Task<WebhookReceipt> Rotate();

    /// <summary>Stops and forgets everything.</summary>
    [Alias("delete")]
    Task Delete();
}

/// <summary>What somebody decides about a webhook. Null is the default for a new one and leaves an existing one as it is.</summary>
/// <param name="Url">Where messages go: https, or http on this machine. A new webhook needs it.</param>
/// <param name="Segments">Only transitions from or to one of these segments; empty (the default) for all.</param>
/// <param name="Causes">Only transitions for one of these causes; empty (the default) for all.</param>
/// <param name="Format">standard (the default): one Standard Webhooks message a transition. segment: a batch of track events for any receiver of Segment's HTTP API.</param>
/// <param name="WriteKey">With the format segment: the receiver's write key. Never shown again.</param>
/// <param name="Enabled">False stops the deliveries; true continues them where they stopped.</param>
[GenerateSerializer, Immutable, Alias("webhook-settings")]
public sealed record WebhookSettings(
    [property: Id(0)] string? Url = null,
    [property: Id(1)] string[]? Segments = null,
    [property: Id(2)] string[]? Causes = null,
    [property: Id(3)] string? Format = null,
    [property: Id(4)] string? WriteKey = null,
    [property: Id(5)] bool? Enabled = null);

/// <summary>What became of a command.</summary>
public enum WebhookStatus
{
    Done = 1,
    NotFound = 2,

    /// <summary>Nothing changed; the receipt has the reason.</summary>
    Invalid = 3,

    /// <summary>There are as many webhooks as there may be.</summary>
    Full = 4,
}

/// <param name="Webhook">The webhook after the command; null when there is none.</param>
/// <param name="Secret">The secret that the command made; otherwise null.</param>
/// <param name="Problem">Why the command was refused; otherwise null.</param>
[GenerateSerializer, Immutable, Alias("webhook-receipt")]
public sealed record WebhookReceipt(
    [property: Id(0)] WebhookStatus Status,
    [property: Id(1)] WebhookView? Webhook = null,
    [property: Id(2)] string? Secret = null,
    [property: Id(3)] string? Problem = null);

/// <summary>A webhook and how far it is; see <see cref="WebhookSettings"/> for what was decided about it.</summary>
/// <param name="State">active; failing: nothing but failures since <paramref name="FailingSince"/>; disabled: nothing is sent.</param>
/// <param name="Reason">Why it fails or is disabled; otherwise null.</param>
/// <param name="RetryAt">When a failing receiver is tried again.</param>
/// <param name="PreviousSecretUntil">Until when messages are signed with the previous secret too; null after a day without a rotation.</param>
/// <param name="Cursor">Every transition up to this sequence is delivered.</param>
/// <param name="Lag">How many transitions of the log are behind the cursor, wanted or not.</param>
[GenerateSerializer, Immutable, Alias("webhook-view")]
public sealed record WebhookView(
    [property: Id(0)] long Id,
    [property: Id(1)] string Url,
    [property: Id(2)] string[] Segments,
    [property: Id(3)] string[] Causes,
    [property: Id(4)] string Format,
    [property: Id(5)] string State,
    [property: Id(6)] string? Reason,
    [property: Id(7)] DateTimeOffset? FailingSince,
    [property: Id(8)] DateTimeOffset? RetryAt,
    [property: Id(9)] DateTimeOffset? DisabledAt,
    [property: Id(10)] DateTimeOffset CreatedAt,
    [property: Id(11)] DateTimeOffset? PreviousSecretUntil,
    [property: Id(12)] long Cursor,
    [property: Id(13)] long Lag);

/// <summary>One message and what became of it.</summary>
/// <param name="MessageId">The header webhook-id: the same however often the message is sent.</param>
/// <param name="Sequence">The transition's; 0 for a test.</param>
/// <param name="Attempts">How often it was sent in quick succession.</param>
/// <param name="Status">The status of the last answer; null when there was none.</param>
/// <param name="Problem">Why it is not delivered; null when it is.</param>
/// <param name="Milliseconds">From the first attempt to the last answer.</param>
[GenerateSerializer, Immutable, Alias("webhook-delivery")]
public sealed record WebhookDelivery(
    [property: Id(0)] string MessageId,
    [property: Id(1)] long Sequence,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] bool Delivered,
    [property: Id(4)] int Attempts,
    [property: Id(5)] int? Status,
    [property: Id(6)] string? Problem,
    [property: Id(7)] double Milliseconds);
