using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Traits;

/// <summary>The index of traits; that it equals the records after crashes, chains and conflicts is compared by the oracle of the other suites.</summary>
public abstract class TraitConformance : StoreTests
{
    [Fact]
    public async Task All_customers_with_a_value_are_found_in_the_order_of_ids_until_they_lose_it()
    {
        string[] ids = ["b", "a", "a\0", "\uFFFD", "\U0001F600", "c"];
        string[] ordered = ["a", "a\0", "b", "c", "\uFFFD", "\U0001F600"];
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync(ids.Select(id => Change(id, 1, new TraitEntry("email", "ada", true))));
            for (var limit = 1; limit <= ids.Length + 1; limit++)
            {
                Assert.Equal(ordered, await run.FindAsync("email", "ada", limit));
            }

            await run.SettleAsync();
            await run.CommitAllAsync([Change("b", 2, new("email", "ada", false), new("email", "berta", true)), Change("c", 2)]);
            Assert.Equal(ordered.Except(["b"]), await run.FindAsync("email", "ada"));
        }

        await using var again = await Place.OpenAsync();
        Assert.Equal(ordered.Except(["b"]), await again.FindAsync("email", "ada", 2));
        Assert.Equal(["b"], await again.FindAsync("email", "berta"));
        Assert.Empty(await again.FindAsync("email", "nobody"));
        Assert.Empty(await again.FindAsync("phone", "ada"));
        await again.VerifyAsync();
    }

    [Fact]
    public async Task Every_trait_and_value_keeps_to_itself_whatever_characters_it_has()
    {
        string[] texts =
        [
            "a", "aa", "A", "a\0", "\0", "\0a", "%", "_", "a%", "\\", "'; DROP TABLE traits; --", "\u00E4", "a\u0308", "\uFFFD", "\U0001F600", "<b>&amp;</b>", " ", "\u202Ea",
            new string('z', 255), new string('z', 254), new string('\u20AC', 85),
        ];
        var all = texts.SelectMany(trait => texts.Append(new string('\u20AC', 255)).Select(value => (Trait: trait, Value: value))).ToArray();
        await using (var run = await Place.OpenAsync())
        {
            await run.CommitAllAsync(all.Select((one, number) => Change($"c:{number}", 1, new TraitEntry(one.Trait, one.Value, true))));
            await run.SettleAsync();
        }

        await using var again = await Place.OpenAsync();
        foreach (var (number, (trait, value)) in all.Index())
        {
            Assert.Equal([$"c:{number}"], await again.FindAsync(trait, value));
        }
    }

    [Fact]
    public async Task An_entry_may_be_added_and_removed_again_and_again()
    {
        TraitEntry added = new("email", "ada", true), removed = added with { IsAdded = false };
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([Change("c:1", 1, added), Change("c:2", 1, added)]);
        await run.CommitAllAsync([Change("c:1", 2, removed, added), Change("c:2", 2, added, removed)]);
        Assert.Equal(["c:1"], await run.FindAsync("email", "ada"));

        await run.CommitAllAsync([Change("c:1", 3, added), Change("c:1", 4, added), Change("c:2", 3, removed)]);
        Assert.Equal(["c:1"], await run.FindAsync("email", "ada"));
        await run.CommitAllAsync([Change("c:1", 5, removed), Change("c:2", 4, added), Change("c:2", 5, removed), Change("c:2", 6, added)]);
        Assert.Equal(["c:2"], await run.FindAsync("email", "ada"));
    }

    [Fact]
    public async Task A_refused_change_leaves_the_index_as_it_is()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([Change("c:1", 1, new TraitEntry("email", "ada", true))]);

        Assert.Equal(
            [CommitOutcome.Conflict, CommitOutcome.Conflict],
            await run.OutcomesAsync([Change("c:1", 3, new("email", "ada", false), new("email", "berta", true)), Change("c:2", 2, new TraitEntry("email", "ada", true))]));
        Assert.Equal(["c:1"], await run.FindAsync("email", "ada"));
        Assert.Empty(await run.FindAsync("email", "berta"));
    }

    [Fact]
    public async Task What_can_never_be_stored_is_an_error_of_the_caller()
    {
        await using var run = await Place.OpenAsync();
        foreach (var unfit in new TraitEntry[] { new("email", new string('x', 256), true), new(new string('x', 256), "ada", true), new(new string('\u20AC', 86), "ada", true) })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.Customers.CommitAsync(Change("c:1", 1, unfit)));
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.Customers.FindByTraitAsync("email", "ada", null, 0, CancellationToken.None));
        Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(Change("c:1", 1)));
    }

    private static CustomerChange Change(string id, long version, params TraitEntry[] traits) =>
        SampleChange.Of(id, version, version == 1 ? null : 1, 1) with { Traits = traits };
}

public sealed class EmbeddedTraitTests : TraitConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresTraitTests : TraitConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
