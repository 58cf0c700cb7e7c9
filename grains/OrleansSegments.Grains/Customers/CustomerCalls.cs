using Orleans.Runtime;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Batches;

namespace OrleansSegments.Grains.Customers;

/// <summary>Asks many customers to reconsider themselves. One that cannot be reached, because its silo has just died, must not keep the others from it.</summary>
internal static class CustomerCalls
{
    public static Task<ReconsiderReceipt[]> AllAsync<TItem>(
        IReadOnlyList<TItem> items, int callsMax, Func<TItem, ValueTask<ReconsiderReceipt>> call, CancellationToken cancellationToken) =>
        BoundedCalls.AllAsync(items, callsMax, item => AskAsync(item, call), cancellationToken);

    private static async ValueTask<ReconsiderReceipt> AskAsync<TItem>(TItem item, Func<TItem, ValueTask<ReconsiderReceipt>> call)
    {
        try
        {
            return await call(item);
        }
        catch (Exception problem) when (problem is OrleansException or TimeoutException)
        {
            return new ReconsiderReceipt(RecordStatus.Unavailable, false);
        }
    }
}
