using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Feeds;

/// <summary>Reads the log like a change feed: waits, continues from its cursor, never goes back.</summary>
internal static class FeedReader
{
    public static async Task<List<Transition>> FollowAsync(StoreRun run, int count, int limit)
    {
        var seen = new List<Transition>();
        using var patience = new CancellationTokenSource(Condition.Patience);
        while (seen.Count < count)
        {
            var after = seen.Count == 0 ? 0 : seen[^1].Sequence;
            try
            {
                await run.Customers.WaitForTransitionsAsync(after, patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{seen.Count} of {count} transitions were seen within {Condition.Patience}; waiting beyond {after}. The log has {(await run.TransitionsAsync()).Length}.");
            }

            seen.AddRange(await run.TransitionsAsync(after, limit));
        }

        return seen;
    }

    /// <param name="customers">Each with its number of transitions; the n-th leads to segment n.</param>
    public static void AssertEachOnceInOrder(List<Transition> seen, IEnumerable<(string Id, int Moves)> customers)
    {
        Assert.True(seen.Zip(seen.Skip(1)).All(pair => pair.First.Sequence < pair.Second.Sequence), "Sequences do not increase.");
        var expected = customers.ToArray();
        Assert.Equal(expected.Sum(customer => customer.Moves), seen.Count);
        var byCustomer = seen.ToLookup(transition => transition.CustomerId, transition => transition.ToSegmentId);
        foreach (var (id, moves) in expected)
        {
            Assert.True(Enumerable.Range(1, moves).SequenceEqual(byCustomer[id]), $"{id} was seen to move to {string.Join(", ", byCustomer[id])}.");
        }
    }
}
