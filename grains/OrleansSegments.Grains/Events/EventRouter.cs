using System.Diagnostics;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Metrics;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// Reads events, groups them by customer and makes one call per customer and batch. Owns nothing; a crash loses batches under way, which
/// were not acknowledged. Batches interleave: nothing but the admission count is shared between them, and that is atomic.
/// </summary>
[StatelessWorker]
public sealed class EventRouter(
    EventReader reader,
    FeatureCatalogue catalogue,
    CustomerCalls customerCalls,
    RouterAdmission admission,
    IOptions<RouterOptions> options,
    SegmentsMetrics metrics,
    TimeProvider clock)
    : Grain, IEventRouter
{
    private static readonly RouteReceipt Overloaded = new(RouteStatus.Overloaded, 0, 0, []);

    public async Task<RouteReceipt> Route(EventBatch batch)
    {
        if (!admission.TryEnter(batch.Events.Length))
        {
            metrics.BatchRefused();
            return Overloaded;
        }

        long startedAt = Stopwatch.GetTimestamp();
        try
        {
            var rejected = new List<EventRejection>();
            List<CustomerFacts> facts = ReadFacts(batch.Events, rejected);
            RouteReceipt receipt = await Deliver(facts, rejected);
            Count(receipt, Stopwatch.GetElapsedTime(startedAt));
            return receipt;
        }
        finally
        {
            admission.Leave(batch.Events.Length);
        }
    }

    /// <summary>One blob of facts per customer, in the order in which the customers first appear.</summary>
    private List<CustomerFacts> ReadFacts(CustomerEvent[] events, List<EventRejection> rejected)
    {
        long latest = (clock.GetUtcNow() + options.Value.FutureToleranceMax).ToUnixTimeMilliseconds();
        var groups = new EventGroups(events.Length);
        for (int i = 0; i < events.Length; i++)
        {
            if (EventRules.Refuse(events[i], i, latest) is { } rejection)
            {
                rejected.Add(rejection);
            }
            else
            {
                groups.Add(events[i].CustomerId, i);
            }
        }

        var facts = new List<CustomerFacts>(groups.Count);
        var writer = new FactsWriter();
        for (int group = 0; group < groups.Count; group++)
        {
            writer.Clear();
            for (int index = groups.First(group); index >= 0; index = groups.Next(index))
            {
                if (!reader.Read(EventInputs.Of(events[index]), writer))
                {
                    rejected.Add(new EventRejection(index, "invalid_json", "The event's properties, traits or context are not a JSON object; send valid JSON."));
                }
            }

            if (writer.EventCount > 0)
            {
                facts.Add(new CustomerFacts(events[groups.First(group)].CustomerId, new RecordRequest(catalogue.Hash, writer.ToArray())));
            }
        }

        return facts;
    }

    private async Task<RouteReceipt> Deliver(List<CustomerFacts> customers, List<EventRejection> rejected)
    {
        int accepted = 0;
        int duplicates = 0;
        List<CustomerFacts> waiting = customers;
        for (int attempt = 0; ; attempt++)
        {
            List<ValueTask<RecordReceipt>> calls = customerCalls.Begin(GrainFactory, waiting);
            var conflicts = new List<CustomerFacts>();
            RecordStatus worst = RecordStatus.Durable;

            // The last one first: commits end in the order in which they were handed in, so the others have ended by then and cost no wait.
            for (int i = calls.Count - 1; i >= 0; i--)
            {
                RecordReceipt receipt = await calls[i];
                accepted += receipt.Applied;
                duplicates += receipt.Duplicates;
                if (receipt.Status == RecordStatus.Conflict)
                {
                    conflicts.Add(waiting[i]);
                }
                else if (receipt.Status != RecordStatus.Durable)
                {
                    worst = receipt.Status;
                }
            }

            if (worst != RecordStatus.Durable || conflicts.Count == 0 || attempt == options.Value.ConflictRetriesMax)
            {
                return new RouteReceipt(StatusOf(worst, conflicts.Count), accepted, duplicates, [.. rejected]);
            }

            waiting = conflicts;
        }
    }

    private static RouteStatus StatusOf(RecordStatus worst, int conflicts) => worst switch
    {
        RecordStatus.Durable => conflicts == 0 ? RouteStatus.Durable : RouteStatus.Overloaded,
        RecordStatus.Overloaded => RouteStatus.Overloaded,
        _ => RouteStatus.Unavailable,
    };

    private void Count(RouteReceipt receipt, TimeSpan elapsed)
    {
        if (receipt.Status == RouteStatus.Durable)
        {
            metrics.BatchRouted(receipt.Accepted, receipt.Duplicates, receipt.Rejected.Length, elapsed);
        }
        else
        {
            metrics.BatchRefused();
        }
    }
}
