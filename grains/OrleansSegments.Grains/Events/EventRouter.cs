using System.Diagnostics;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Grains.TrackingPlans;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// Sends other silos their shares of a batch, reads its own share, groups it by customer and makes one call per customer. Owns nothing; a
/// crash loses batches in progress, which were not acknowledged. Batches interleave; they share only the admission count, which is atomic.
/// </summary>
[StatelessWorker]
public sealed class EventRouter(
    EventReader reader,
    FeatureCatalogue catalogue,
    DirectDoor door,
    BatchWorkPool pool,
    RouterAdmission admission,
    AliasClaims claims,
    PlanInForce plan,
    ISiloMembership silos,
    SegmentsMetrics metrics,
    TimeProvider clock)
    : Grain, IEventRouter
{
    /// <summary>An alias of an alias of an alias; more is a merge that is under way, and the sender tries again.</summary>
    private const int ForwardsMax = 8;

    /// <summary>How often a customer's facts are tried again after another activation won: two activations at once are rare and brief.</summary>
    private const int ConflictRetriesMax = 3;

    private static readonly RouteReceipt Overloaded = new(RouteStatus.Overloaded, 0, 0, []);
    private static readonly RecordReceipt MailboxFull = new(RecordStatus.Overloaded, 0, 0);

    public Task<RouteReceipt> Route(EventBatch batch)
    {
        SiloView view = silos.Current;
        return batch.IsRelayed || view.IsAlone || view.SelfIndex < 0 ? RouteHere(batch.Events, batch.Forwards) : RouteByShares(batch.Events, batch.Forwards, view);
    }

    private async Task<RouteReceipt> RouteByShares(CustomerEvent[] events, int forwards, SiloView view)
    {
        var shares = new BatchShares(events, view);
        var receipts = new Task<RouteReceipt>?[view.Silos.Length];
        for (int silo = 0; silo < receipts.Length; silo++)
        {
            if (silo != view.SelfIndex && shares.EventsOf(silo) is { Length: > 0 } share)
            {
                receipts[silo] = GrainFactory.GetGrain<IEventRelay>(view.Silos[silo]).Route(new EventBatch(share, Forwards: forwards));
            }
        }

        // The own share last: the other silos work on theirs meanwhile.
        if (shares.EventsOf(view.SelfIndex) is { Length: > 0 } own)
        {
            receipts[view.SelfIndex] = RouteHere(own, forwards);
        }

        await Task.WhenAll(receipts.OfType<Task>());
        return shares.Join([.. receipts.Select(receipt => receipt?.Result)]);
    }

    private async Task<RouteReceipt> RouteHere(CustomerEvent[] events, int forwards)
    {
        using Activity? span = SegmentsTraces.Begin("route");
        span?.SetTag("segments.events", events.Length);
        if (!admission.TryEnter(events.Length))
        {
            Count(Overloaded, default, span);
            return Overloaded;
        }

        long startedAt = Stopwatch.GetTimestamp();
        BatchWork work = pool.Get();
        try
        {
            var rejected = new List<EventRejection>();
            ReadFacts(events, work, rejected, isForwarded: forwards > 0);
            span?.SetTag("segments.customers", work.Waiting.Count);
            RouteReceipt receipt = await Deliver(work, rejected, startedAt, span);
            if (work.MergedAway.Count > 0 && receipt.Status == RouteStatus.Durable)
            {
                receipt = await Forward(events, work, receipt, forwards);
            }

            Count(receipt, Stopwatch.GetElapsedTime(startedAt), span);
            return receipt;
        }
        finally
        {
            pool.Return(work);
            admission.Leave(events.Length);
        }
    }

    /// <summary>Writes one blob of facts per customer, in the order of the customers' first events.</summary>
    private void ReadFacts(CustomerEvent[] events, BatchWork work, List<EventRejection> rejected, bool isForwarded)
    {
        long latest = (clock.GetUtcNow() + EventRules.FutureToleranceMax).ToUnixTimeMilliseconds();
        EventGroups groups = work.Groups;
        groups.Reserve(events.Length);
        for (int i = 0; i < events.Length; i++)
        {
            if ((EventRules.Refuse(events[i], i, latest) ?? (isForwarded ? null : plan.Check(events[i], i))) is { } rejection)
            {
                rejected.Add(rejection);
            }
            else
            {
                groups.Add(events[i].CustomerId, i);
            }
        }

        FactsWriter writer = work.Writer;
        for (int group = 0; group < groups.Count; group++)
        {
            writer.Clear();
            List<AliasClaim>? aliases = null;
            for (int index = groups.First(group); index >= 0; index = groups.Next(index))
            {
                if (!reader.Read(EventInputs.Of(events[index]), writer))
                {
                    rejected.Add(new EventRejection(index, "invalid_json", "The event's properties, traits or context are not a JSON object; send valid JSON."));
                }
                else if (events[index].AliasId is not null)
                {
                    claims.Collect(events[index], ref aliases);
                }
            }

            if (writer.EventCount > 0)
            {
                work.Waiting.Add((events[groups.First(group)].CustomerId, new RecordRequest(catalogue.Hash, writer.ToArray(), aliases?.ToArray())));
            }
        }
    }

    private async Task<RouteReceipt> Deliver(BatchWork work, List<EventRejection> rejected, long startedAt, Activity? span)
    {
        int accepted = 0;
        int duplicates = 0;
        int direct = 0;
        for (int attempt = 0; ; attempt++)
        {
            using (SegmentsTraces.BeginPart("record"))
            {
                direct += door.Record(GrainFactory, work.Waiting, startedAt, work.Calls);
            }

            // A group commit serves many batches, so each batch has a span of its own for the wait.
            using Activity? wait = SegmentsTraces.BeginPart("commit");
            RecordStatus worst = RecordStatus.Durable;

            // Await the last call first: commits end in the order in which they were handed in, so the others have then ended and need no
            // wait.
            for (int i = work.Calls.Count - 1; i >= 0; i--)
            {
                RecordReceipt receipt;
                try
                {
                    receipt = await work.Calls[i];
                }
                catch (LimitExceededException)
                {
                    receipt = MailboxFull;
                }

                accepted += receipt.Applied;
                duplicates += receipt.Duplicates;
                if (receipt.Status == RecordStatus.Conflict)
                {
                    work.Conflicts.Add(work.Waiting[i]);
                }
                else if (receipt.Status == RecordStatus.MergedAway)
                {
                    work.MergedAway.Add(work.Waiting[i].CustomerId);
                }
                else if (receipt.Status != RecordStatus.Durable)
                {
                    worst = receipt.Status;
                }
            }

            if (worst != RecordStatus.Durable || work.Conflicts.Count == 0 || attempt == ConflictRetriesMax)
            {
                span?.SetTag("segments.customers.direct", direct);
                return new RouteReceipt(StatusOf(worst, work.Conflicts.Count), accepted, duplicates, [.. rejected]);
            }

            work.Calls.Clear();
            work.Waiting.Clear();
            work.Waiting.AddRange(work.Conflicts);
            work.Conflicts.Clear();
        }
    }

    /// <summary>
    /// Routes the events of ids that are aliases by now to their owners: each to the one whom the id belonged to when the event happened. This
    /// batch is counted by the router that delivers it.
    /// </summary>
    private async Task<RouteReceipt> Forward(CustomerEvent[] events, BatchWork work, RouteReceipt receipt, int forwards)
    {
        var forwarded = new List<CustomerEvent>();
        foreach (string alias in work.MergedAway)
        {
            AliasClaim[] owners = (await GrainFactory.GetGrain<ICustomerGrain>(CustomerKey.Of(alias)).MergedInto())?.Owners ?? [];
            for (int index = work.Groups.FirstOf(alias); index >= 0; index = work.Groups.Next(index))
            {
                CustomerEvent source = events[index];
                AliasClaim owner = owners.LastOrDefault(known => known.SinceMilliseconds <= source.OccurredAtMilliseconds, owners.FirstOrDefault());
                forwarded.Add(source with { CustomerId = owner.AliasId ?? alias });
            }
        }

        if (forwards == ForwardsMax)
        {
            return receipt with { Status = RouteStatus.Overloaded };
        }

        RouteReceipt rest = await Route(new EventBatch([.. forwarded], Forwards: forwards + 1));
        return receipt with { Status = rest.Status, Accepted = receipt.Accepted + rest.Accepted, Duplicates = receipt.Duplicates + rest.Duplicates };
    }

    private static RouteStatus StatusOf(RecordStatus worst, int conflicts) => worst switch
    {
        RecordStatus.Durable => conflicts == 0 ? RouteStatus.Durable : RouteStatus.Overloaded,
        RecordStatus.Overloaded => RouteStatus.Overloaded,
        _ => RouteStatus.Unavailable,
    };

    private void Count(RouteReceipt receipt, TimeSpan elapsed, Activity? span)
    {
        if (receipt.Status == RouteStatus.Durable)
        {
            metrics.BatchRouted(receipt.Accepted, receipt.Duplicates, receipt.Rejected.Length, elapsed);
        }
        else
        {
            metrics.BatchRefused();
            span?.SetStatus(ActivityStatusCode.Error, receipt.Status.ToString());
        }
    }
}
