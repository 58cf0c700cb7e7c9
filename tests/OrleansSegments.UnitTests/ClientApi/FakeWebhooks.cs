using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>The list with webhook 1, which is also the webhook: it notes what it is told. Webhook 2 does not exist.</summary>
internal sealed class FakeWebhooks(bool exists = true) : IWebhookList, IWebhookGrain
{
    public const string Secret = "whsec_c2VjcmV0";

    private static readonly WebhookDelivery Failed = new("msg_1_7", 7, TestTime.Noon, false, 3, 500, "The receiver answered 500.", 600);

    public WebhookSettings? Told { get; private set; }

    public long? ReplayedFrom { get; private set; }

    /// <summary>What commands answer; by default they are done.</summary>
    public WebhookReceipt? Answer { get; set; }

    private WebhookView Webhook => new(
        1, "https://example.com/hook", ["s2"], [], "standard", Told?.Enabled == false ? "disabled" : "failing", "The receiver answered 500.", TestTime.Noon, TestTime.Noon.AddSeconds(8),
        Told?.Enabled == false ? TestTime.Noon : null, TestTime.Noon.AddDays(-1), null, 6, 12);

    public Task<WebhookReceipt> Add(WebhookSettings settings) => Take(settings, Secret);

    public ValueTask<long[]> Ids() => new([1]);

    public Task<WebhookView[]> List() => Task.FromResult(exists ? [Webhook] : Array.Empty<WebhookView>());

    public Task<bool> Remove(long id) => Task.FromResult(id == 1);

    public Task<WebhookReceipt> Create(WebhookSettings settings, long cursor) => throw new NotSupportedException();

    public Task EnsureRunning() => throw new NotSupportedException();

    public ValueTask<WebhookView?> View() => new(exists ? Webhook : null);

    public ValueTask<WebhookDelivery[]> Deliveries() => new(exists ? [Failed] : []);

    public Task<WebhookReceipt> Change(WebhookSettings settings) => Take(settings, secret: null);

    public Task<WebhookDelivery?> Test() => Task.FromResult(exists ? Failed with { MessageId = "msg_1_0_test", Sequence = 0 } : null);

    public Task<WebhookReceipt> Replay(long from)
    {
        ReplayedFrom = from;
        return Take(Told, secret: null);
    }

    public Task<WebhookReceipt> Rotate() => Take(Told, Secret);

    public Task Delete() => throw new NotSupportedException();

    private Task<WebhookReceipt> Take(WebhookSettings? settings, string? secret)
    {
        Told = settings;
        return Task.FromResult(Answer ?? (exists ? new WebhookReceipt(WebhookStatus.Done, Webhook, secret) : new WebhookReceipt(WebhookStatus.NotFound)));
    }
}
