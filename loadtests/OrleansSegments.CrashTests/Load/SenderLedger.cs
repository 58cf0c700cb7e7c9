using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using OrleansSegments.EndToEndTests.Http;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>What the senders know: which batches were acknowledged with 200, and which were sent at all. Safe to use from several senders at once.</summary>
internal sealed class SenderLedger
{
    private readonly ConcurrentDictionary<EventBatch, bool> _acknowledged = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<EventBatch, bool> _sent = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentQueue<ApiAnswer> _refusals = [];

    public int AcknowledgedCount => _acknowledged.Count;

    public IEnumerable<EventBatch> Acknowledged => _acknowledged.Keys;

    public IEnumerable<EventBatch> Sent => _sent.Keys;

    /// <summary>Every answer that was not 200.</summary>
    public IReadOnlyCollection<ApiAnswer> Refusals => _refusals;

    /// <summary>Sends a batch; false when it was refused or the connection broke, so that it may or may not have taken effect.</summary>
    public async Task<bool> SendAsync(SegmentsApi api, EventBatch batch)
    {
        _sent[batch] = true;
        ApiAnswer answer;
        try
        {
            answer = await api.PostEventsAsync("/v1/batch", batch.Body);
        }
        catch (HttpRequestException)
        {
            // The process died under the request: nothing was acknowledged.
            return false;
        }

        if (answer.Status != 200)
        {
            _refusals.Enqueue(answer);
            return false;
        }

        JsonArray rejected = answer.Json["rejected"]!.AsArray();
        Assert.True(rejected.Count == 0, rejected.ToJsonString());
        _acknowledged[batch] = true;
        return true;
    }

    /// <summary>Distinct events of each customer in the batches.</summary>
    public static Dictionary<string, long> CountByCustomer(IEnumerable<EventBatch> batches)
    {
        var counts = new Dictionary<string, long>();
        foreach ((string customerId, int events) in batches.SelectMany(b => b.EventsByCustomer))
        {
            counts[customerId] = counts.GetValueOrDefault(customerId) + events;
        }

        return counts;
    }
}
