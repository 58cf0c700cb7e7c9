using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.Webhooks;

/// <summary>
/// Owns the ids of the webhooks. Key: 0. A crash loses nothing: a webhook is stored before it is listed, and forgotten before it leaves the list.
/// </summary>
public sealed class WebhookListGrain([PersistentState("webhooks", "control")] IPersistentState<WebhookListState> state) : Grain, IWebhookList
{
    /// <summary>Each may have a window of transitions and eight connections.</summary>
    public const int WebhooksMax = 1_000;

    public async Task<WebhookReceipt> Add(WebhookSettings settings)
    {
        if (state.State.Ids.Length >= WebhooksMax)
        {
            return new WebhookReceipt(WebhookStatus.Full, Problem: $"There are {WebhooksMax} webhooks, which is the limit. Delete one that nobody needs, or let one receiver pass messages on.");
        }

        long cursor = (await GrainFactory.GetGrain<ISegmentCensus>(0).Take(withStatistics: false)).Sequence;
        long id = state.State.LastId + 1;
        WebhookReceipt receipt = await Webhook(id).Create(settings, cursor);
        if (receipt.Status == WebhookStatus.Done)
        {
            await Write(new WebhookListState { LastId = id, Ids = [.. state.State.Ids, id] });
            await Webhook(id).EnsureRunning();
        }

        return receipt;
    }

    public ValueTask<long[]> Ids() => new(state.State.Ids);

    public async Task<WebhookView[]> List()
    {
        WebhookView?[] views = await Task.WhenAll(state.State.Ids.Select(id => Webhook(id).View().AsTask()));
        return [.. views.OfType<WebhookView>()];
    }

    public async Task<bool> Remove(long id)
    {
        if (!state.State.Ids.Contains(id))
        {
            return false;
        }

        await Webhook(id).Delete();
        await Write(state.State with { Ids = [.. state.State.Ids.Where(other => other != id)] });
        return true;
    }

    private IWebhookGrain Webhook(long id) => GrainFactory.GetGrain<IWebhookGrain>(id);

    private async Task Write(WebhookListState changed)
    {
        WebhookListState former = state.State;
        state.State = changed;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = former;
            throw;
        }
    }
}

/// <summary>Persistent state of the list of webhooks. Immutable.</summary>
public sealed record WebhookListState
{
    public long LastId { get; init; }

    /// <summary>Oldest first.</summary>
    public long[] Ids { get; init; } = [];
}
