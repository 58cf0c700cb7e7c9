using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Hosting;

/// <summary>The guarantee that sizes, members, answers, rows and the index of traits agree.</summary>
internal static class Conservation
{
    public static void AssertAddsUp(SegmentCensus census) => Assert.Equal(census.Population, census.Segments.Sum(segment => segment.Size));

    /// <summary>Compares the sizes with the rows, without asking a customer.</summary>
    public static async Task AssertAddsUpAsync(TestSilo silo)
    {
        AssertAddsUp(await silo.CensusAsync());
        await silo.VerifyStoreAsync();
    }

    /// <summary>For a silo of a cluster, which counts what others commit a moment later.</summary>
    public static async Task<Dictionary<string, string>> AssertComesToHoldAsync(TestSilo silo)
    {
        await Condition.HoldsAsync("what other silos committed is counted", async () =>
        {
            foreach (var segment in (await silo.CensusAsync()).Segments)
            {
                if ((await silo.ReadMembersAsync(segment.Id)).Count != segment.Size)
                    return false;
            }

            return true;
        });
        return await AssertHoldsAsync(silo);
    }

    /// <summary>Compares all four ways of counting; returns the segment of every customer.</summary>
    public static async Task<Dictionary<string, string>> AssertHoldsAsync(TestSilo silo)
    {
        var segments = new Dictionary<string, string>(StringComparer.Ordinal);
        var census = await silo.CensusAsync();
        AssertAddsUp(census);
        foreach (var segment in census.Segments)
        {
            var members = await silo.ReadMembersAsync(segment.Id);
            Assert.True(members.Count == segment.Size, $"{segment.Id} has {segment.Size} customers and {members.Count} members");
            foreach (var member in members)
                Assert.True(segments.TryAdd(member, segment.Id), $"{member} is a member of {segment.Id} and of {segments[member]}");
        }

        foreach (var (customerId, segmentId) in segments)
        {
            var view = await silo.ViewAsync(customerId);
            Assert.True(view.Segment.Id == segmentId, $"{customerId} says {view.Segment.Id} and is a member of {segmentId}");
        }

        Assert.Equal(census.Population, segments.Count);
        await silo.VerifyStoreAsync();
        await AssertIsIndexedAsync(silo);
        return segments;
    }

    /// <summary>Compares the index of traits with what the records say.</summary>
    private static async Task AssertIsIndexedAsync(TestSilo silo)
    {
        var (store, traits) = (silo.Service<ICustomerStore>(), silo.Service<TraitIndex>());
        var expected = new List<(string Trait, string Value, string Id)>();
        string? last = null;
        while (await store.ScanAsync(last, 1_000, CancellationToken.None) is [.., var end] page)
        {
            last = end.CustomerId;
            foreach (var (id, record, _) in page.Where(customer => customer.Record.IsInPopulation))
                expected.AddRange(traits.Changes([], record.State).Select(value => (value.Trait, value.Value, id)));
        }

        foreach (var value in expected.GroupBy(entry => (entry.Trait, entry.Value)))
        {
            var found = await store.FindByTraitAsync(value.Key.Trait, value.Key.Value, null, expected.Count + 1, CancellationToken.None);
            Assert.Equal(value.Select(entry => entry.Id), found);
        }

        if (silo.Store is EmbeddedStore embedded)
            Assert.Equal(expected.Count, embedded.ReadTraits([], expected.Count + 1).Count);
    }
}
