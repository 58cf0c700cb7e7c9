using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>Waits for commits of one customer that are on their way to the store.</summary>
internal static class CommitWaits
{
    /// <summary>Waits until a version is in the store, or will never be.</summary>
    public static async ValueTask<RecordStatus> DurabilityAsync(this CustomerGrain grain, long version)
    {
        while (true)
        {
            Task? end = grain.NextEnd(out LiveCustomerState.Ends ends);
            if (ends.Through >= version)
            {
                return RecordStatus.Durable;
            }

            if (end is null || ends.Refusal is not null)
            {
                return ends.Refusal ?? RecordStatus.Conflict;
            }

            await end;
        }
    }

    /// <summary>The first copies of repeated events may still be on their way to the store; a repeat is acknowledged no sooner than they are.</summary>
    public static async ValueTask<RecordReceipt> RepeatAsync(this CustomerGrain grain, long version, int duplicates)
    {
        RecordStatus status = await grain.DurabilityAsync(version);
        return new(status, 0, status == RecordStatus.Durable ? duplicates : 0);
    }
}
