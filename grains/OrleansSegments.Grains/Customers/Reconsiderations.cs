using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Evaluates many customers for a new model or because their deadlines have passed, without activating grains: customers active on this
/// silo are called through the <see cref="DirectDoor"/>, all others are computed from the stored record and written with a version check. A
/// conflict means that another writer changed the customer; if that happened under an older model, the customer's grain is called.
/// </summary>
public sealed class Reconsiderations(CustomerServices services, IGrainFactory grains)
{
    /// <summary>Maximum number of customers evaluated concurrently.</summary>
    public const int AtATimeMax = 4_096;

    /// <summary>Evaluates the customers; the answers are in their order. A refusal by the store is an answer, not an exception.</summary>
    public async Task<ReconsiderReceipt[]> RunAsync(IReadOnlyList<StoredCustomer> customers, ReconsiderReason reason, CancellationToken cancellationToken)
    {
        var receipts = new ReconsiderReceipt[customers.Count];
        for (int start = 0; start < receipts.Length; start += AtATimeMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var underWay = new Task<ReconsiderReceipt>[Math.Min(AtATimeMax, receipts.Length - start)];
            for (int i = 0; i < underWay.Length; i++)
            {
                underWay[i] = ReconsiderAsync(customers[start + i], reason);
            }

            for (int i = 0; i < underWay.Length; i++)
            {
                receipts[start + i] = await underWay[i];
            }
        }

        return receipts;
    }

    private async Task<ReconsiderReceipt> ReconsiderAsync(StoredCustomer customer, ReconsiderReason reason)
    {
        long dueVersion = reason == ReconsiderReason.Time ? customer.Record.Version : long.MaxValue;
        if (services.Door.TryFind(customer.CustomerId, out CustomerGrain? live) && await live.TryReconsider(reason, dueVersion) is { } receipt)
        {
            return receipt;
        }

        if (!customer.Record.IsInPopulation)
        {
            return new ReconsiderReceipt(RecordStatus.Durable, false);
        }

        if (AliasList.IsUnsettled(FeatureEngine.AliasesOf(customer.Record.State)))
        {
            // A merge is finished by the grain, which speaks to the other one.
            return await AskAsync(customer.CustomerId, reason);
        }

        CustomerChange change = CustomerChanges.Of(
            customer.CustomerId,
            CustomerStanding.Of(customer.Record),
            customer.Record.State,
            customer.Record.State,
            reason == ReconsiderReason.Time ? TransitionCause.Time : TransitionCause.Model,
            services,
            out bool moved);
        if (!moved && reason == ReconsiderReason.Model)
        {
            return new ReconsiderReceipt(RecordStatus.Durable, false);
        }

        CommitOutcome outcome = await services.Store.CommitAsync(change);
        if (outcome == CommitOutcome.Conflict)
        {
            return await SettleConflictAsync(customer.CustomerId, reason, change.Record.ModelVersion);
        }

        if (outcome == CommitOutcome.Committed && services.Models.Current.Version != change.Record.ModelVersion)
        {
            return await AskAsync(customer.CustomerId, reason);
        }

        if (services.Door.TryFind(customer.CustomerId, out CustomerGrain? woken))
        {
            // It was activated meanwhile and may have read the record before this change.
            woken.Overtake(change.Record.Version);
        }

        return new ReconsiderReceipt(LiveCustomerState.StatusOf(outcome), moved && outcome == CommitOutcome.Committed);
    }

    /// <summary>
    /// Another writer changed the customer, which also evaluated it; only under an older model must it be evaluated again.
    /// </summary>
    private async Task<ReconsiderReceipt> SettleConflictAsync(string customerId, ReconsiderReason reason, int modelVersion)
    {
        CustomerRecord? newer = await services.Store.ReadAsync(customerId, CancellationToken.None);
        return newer is null || newer.ModelVersion >= modelVersion
            ? new ReconsiderReceipt(RecordStatus.Durable, false)
            : await AskAsync(customerId, reason);
    }

    /// <summary>An unreachable grain (its silo has just died) must not stop the evaluation of the others.</summary>
    private async Task<ReconsiderReceipt> AskAsync(string customerId, ReconsiderReason reason)
    {
        try
        {
            return await grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId)).Reconsider(reason);
        }
        catch (Exception problem) when (problem is OrleansException or TimeoutException)
        {
            return new ReconsiderReceipt(RecordStatus.Unavailable, false);
        }
    }
}

/// <summary>Evaluates one live customer without an event.</summary>
internal static class LiveReconsideration
{
    /// <summary>
    /// Evaluates the customer now; any thread may call. Null when this activation is closing or stale: then another one must be asked.
    /// </summary>
    /// <param name="dueVersion">The record whose deadline has passed; one that is newer was evaluated since and stays as it is.</param>
    public static async ValueTask<ReconsiderReceipt?> TryReconsider(
        this CustomerGrain grain, ReconsiderReason reason, long dueVersion = long.MaxValue)
    {
        if (reason == ReconsiderReason.Time)
        {
            await grain.SettleAsync();
        }

        bool moved = false;
        RecordStatus? status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            if (!standing.Exists || standing.IsOutside || standing.Version > dueVersion)
            {
                return null;
            }

            var cause = reason == ReconsiderReason.Time ? TransitionCause.Time : TransitionCause.Model;
            CustomerChange change = CustomerChanges.Of(grain.CustomerId, in standing, state, state.ToArray(), cause, grain.Services, out moved);
            return moved || reason == ReconsiderReason.Time ? change : null;
        });
        return status is null ? null : new ReconsiderReceipt(status.Value, moved && status == RecordStatus.Durable);
    }
}
