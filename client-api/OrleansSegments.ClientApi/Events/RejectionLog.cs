using System.Text;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// Hands refused events to the list of them, without making the sender wait; and tries those again that are in it. Under a flood only the first
/// ones are kept; all are counted.
/// </summary>
internal sealed class RejectionLog(IGrainFactory grains, IOptions<ClientApiOptions> options, StoreClock clock)
{
    /// <summary>Refused events kept of one request.</summary>
    private const int PerRequestMax = 20;

    /// <summary>Calls under way; beyond it refusals are only counted.</summary>
    private const int CallsMax = 4;

    private const int EventBytesMax = 4_096;

    private int _calls;

    public void Add(ReadBatch batch, List<EventRejection> rejected, EventKind? kind)
    {
        if (rejected.Count > 0 && Interlocked.Increment(ref _calls) <= CallsMax)
        {
            var now = clock.Real.GetUtcNow();
            _ = SendAsync([.. rejected.Take(PerRequestMax).Select(x => Of(x, batch.Drafts[x.Index].Raw.Span, now, kind))]);
        }
        else if (rejected.Count > 0)
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    /// <summary>Sends every whole one again; those that are taken, now or earlier, leave the list.</summary>
    public async Task<ReplayAnswer> ReplayAsync()
    {
        var grain = grains.GetGrain<IRejectionsGrain>(0);
        var kept = await grain.List(reason: null, int.MaxValue);
        var limits = IngestionLimits.Of(options.Value);
        var (sent, events) = (new List<RejectedEvent>(), new List<CustomerEvent>());
        foreach (var one in kept.Reverse().Where(x => x.IsWhole))
        {
            var json = Encoding.UTF8.GetBytes(one.Event);
            byte[] body = one.Kind is null ? [.. "{\"batch\":["u8, .. json, .. "]}"u8] : json;
            if (EventBatchReader.Read(body, one.Kind, limits, one.At, clock.ReplayedNow) is { Error: null, Events: [var read] })
            {
                sent.Add(one);
                events.Add(read);
            }
        }

        if (events.Count == 0)
        {
            return new ReplayAnswer(true, kept.Length, 0, 0, kept.Length);
        }

        var receipt = await grains.GetGrain<IEventRouter>(0).Route(new EventBatch([.. events]));
        if (receipt.Status != RouteStatus.Durable)
        {
            return new ReplayAnswer(false, kept.Length, 0, 0, kept.Length);
        }

        var refused = receipt.Rejected.Select(x => sent[x.Index].Number).ToHashSet();
        long[] taken = [.. sent.Select(x => x.Number).Where(x => !refused.Contains(x))];
        await grain.Remove(taken);
        return new ReplayAnswer(true, kept.Length, receipt.Accepted, receipt.Duplicates, kept.Length - taken.Length);
    }

    private static RejectedEvent Of(EventRejection rejection, ReadOnlySpan<byte> json, DateTimeOffset at, EventKind? kind) => new(
        0, rejection.Code, rejection.Message, at, kind, Encoding.UTF8.GetString(json[..Math.Min(json.Length, EventBytesMax)]), json.Length <= EventBytesMax);

    private async Task SendAsync(RejectedEvent[] rejected)
    {
        try
        {
            await grains.GetGrain<IRejectionsGrain>(0).Add(rejected);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The sender was told; the list is a convenience, and the next refusal comes into it.
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }
}

/// <summary>The answer of POST /v1/rejections/replay.</summary>
/// <param name="Success">False when the store could not take events; nothing has left the list.</param>
/// <param name="Remaining">Events still in the list.</param>
internal sealed record ReplayAnswer(bool Success, int Tried, int Accepted, int Duplicates, int Remaining);
