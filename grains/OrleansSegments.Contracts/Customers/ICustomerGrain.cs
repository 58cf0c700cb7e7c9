using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.Contracts.Customers;

/// <summary>One customer: live features and the current segment. Key: <see cref="CustomerKey"/> of the customer's id.</summary>
[Alias("customer")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>Takes the facts of this customer's events in one batch; completes when their effect is durable.</summary>
    [AlwaysInterleave, Alias("record")]
    ValueTask<RecordReceipt> Record(RecordRequest request);

    /// <summary>Evaluates the customer now, because its time has come or a new model is out; completes when the outcome is durable.</summary>
    [AlwaysInterleave, Alias("reconsider")]
    ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason);

    /// <summary>The customer under the current model, now; null when nothing is known of it.</summary>
    [AlwaysInterleave, Alias("view")]
    ValueTask<CustomerView?> View();

    /// <summary>Why the customer is in its segment; null when nothing is known of it.</summary>
    [AlwaysInterleave, Alias("explain")]
    ValueTask<CustomerExplanation?> Explain();

    /// <summary>The customer's transitions, newest first.</summary>
    [AlwaysInterleave, Alias("history")]
    ValueTask<TransitionView[]> History(int limit);
}
