namespace OrleansSegments.Grains.Batches;

/// <summary>Makes many calls with a limit on how many are under way, in the order given.</summary>
internal static class BoundedCalls
{
    /// <summary>Calls for every item; returns the answers in order. The first exception ends it after the calls under way.</summary>
    public static async Task<TAnswer[]> AllAsync<TItem, TAnswer>(
        IReadOnlyList<TItem> items, int callsMax, Func<TItem, ValueTask<TAnswer>> call, CancellationToken cancellationToken)
    {
        var answers = new TAnswer[items.Count];
        for (int start = 0; start < items.Count; start += callsMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(callsMax, items.Count - start);
            var calls = new Task<TAnswer>[count];
            for (int i = 0; i < count; i++)
            {
                calls[i] = call(items[start + i]).AsTask();
            }

            for (int i = 0; i < count; i++)
            {
                answers[start + i] = await calls[i];
            }
        }

        return answers;
    }
}
