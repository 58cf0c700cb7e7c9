using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Deadlines;

public abstract class DeadlineConformance : StoreTests
{
    [Fact]
    public async Task A_deadline_that_moves_earlier_later_or_away_is_what_counts()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync(
            [SampleChange.Of("c:earlier", 1, null, 1, 500), SampleChange.Of("c:later", 1, null, 1, 100), SampleChange.Of("c:away", 1, null, 1, 100), SampleChange.Of("c:back", 1, null, 1)]);
        await run.SettleAsync();
        await run.CommitAllAsync(
            [SampleChange.Of("c:earlier", 2, 1, 1, 50), SampleChange.Of("c:later", 2, 1, 1, 900), SampleChange.Of("c:away", 2, 1, 1), SampleChange.Of("c:back", 2, 1, 2, 60)]);

        for (var look = 0; look < 2; look++)
        {
            Assert.Equal([("c:earlier", 50L), ("c:back", 60L)], await DueAsync(run, 899));
            Assert.Equal([("c:earlier", 50L), ("c:back", 60L), ("c:later", 900L)], await DueAsync(run, 900));
            await run.SettleAsync();
        }
    }

    [Fact]
    public async Task The_earliest_deadline_is_never_later_than_the_true_one_and_in_time_no_earlier()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1, 100), SampleChange.Of("c:2", 1, null, 1, 900)]);
        Assert.Equal(100, run.Customers.EarliestDeadlineMilliseconds);
        await run.SettleAsync();

        await run.CommitAllAsync([SampleChange.Of("c:1", 2, 1, 1, 500)]);
        await ComesToBeAsync(run, 500);
        await run.Customers.UpdateDeadlinesAsync([new DeadlineUpdate("c:1", 2, 30)], CancellationToken.None);
        Assert.Equal(30, run.Customers.EarliestDeadlineMilliseconds);
        await run.Customers.UpdateDeadlinesAsync([new DeadlineUpdate("c:1", 2, null)], CancellationToken.None);
        await ComesToBeAsync(run, 900);
        await run.CommitAllAsync([SampleChange.Of("c:2", 2, 1, 1)]);
        await ComesToBeAsync(run, null);
    }

    [Fact]
    public async Task A_deadline_moves_without_a_new_version_and_not_for_a_customer_who_moved_on()
    {
        const int Count = 10_000;
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync(SampleChange.First(Count, due: 50));
        await run.SettleAsync();
        await run.CommitAllAsync([SampleChange.Of("c:000001", 2, 1, 1, due: 60)]);

        var updates = Enumerable.Range(0, Count).Select(number => new DeadlineUpdate($"c:{number:d6}", 1, 70)).Append(new DeadlineUpdate("c:nobody", 1, 10)).ToArray();
        await run.Customers.UpdateDeadlinesAsync(updates, CancellationToken.None);

        Assert.Equal(new DueCustomer("c:000001", 2, 60), Assert.Single(await run.DueAsync(69)));
        Assert.Equal(1, (await run.ReadAsync("c:000002"))!.Version);
        Assert.Null(await run.ReadAsync("c:nobody"));
        await run.SettleAsync();
        Assert.Equal(Count, (await run.DueAsync(70, 2 * Count)).Length);
        Assert.Equal("c:000001", (await run.DueAsync(70, 1))[0].CustomerId);
        Assert.Equal(Count, run.Customers.Totals.Population);
    }

    [Fact]
    public async Task The_same_customer_twice_in_one_bulk_keeps_the_last_deadline()
    {
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync([SampleChange.Of("c:1", 1, null, 1, 100)]);
        await run.Customers.UpdateDeadlinesAsync([new DeadlineUpdate("c:1", 1, 40), new DeadlineUpdate("c:1", 1, 300), new DeadlineUpdate("c:1", 9, 5)], CancellationToken.None);

        Assert.Equal([("c:1", 300L)], await DueAsync(run, 1_000));
        Assert.Empty(await run.DueAsync(299));
    }

    // Like the scanner: reads a page, lets each customer evaluate itself, reads the next.
    [Fact]
    public async Task Due_customers_are_served_page_by_page_until_nobody_is_left()
    {
        const int Count = 300;
        await using var run = await Place.OpenAsync();
        await run.CommitAllAsync(Enumerable.Range(0, Count).Select(number => SampleChange.Of($"c:{number}", 1, null, 1, due: number * 7 % 100)));
        await run.SettleAsync();

        var served = new List<DueCustomer>();
        for (var page = await run.DueAsync(99, 40); page.Length > 0; page = await run.DueAsync(99, 40))
        {
            Assert.True(page.Length <= 40, $"A page of 40 has {page.Length} customers.");
            Assert.Equal(page.OrderBy(customer => customer.DueAtMilliseconds), page);
            served.AddRange(page);
            Assert.True(served.Count <= Count, "Somebody was served twice.");
            await run.CommitAllAsync(page.Select((customer, index) => SampleChange.Of(
                customer.CustomerId, 2, 1, 1 + (index % 2), due: index % 3 == 0 ? null : 100 + customer.DueAtMilliseconds)));
        }

        Assert.Equal(Count, served.Select(customer => customer.CustomerId).Distinct().Count());
        Assert.Equal(served.Select(customer => customer.DueAtMilliseconds).Order(), served.Select(customer => customer.DueAtMilliseconds));
        await run.VerifyAsync();
    }

    private static async Task<(string, long)[]> DueAsync(StoreRun run, long until) =>
        [.. (await run.DueAsync(until)).Select(customer => (customer.CustomerId, customer.DueAtMilliseconds))];

    /// <summary>Reads due customers repeatedly, like the scanner, until the earliest deadline is as expected.</summary>
    private static async Task ComesToBeAsync(StoreRun run, long? expected)
    {
        await Condition.HoldsAsync(
            $"the earliest deadline is {expected?.ToString() ?? "nobody's"}",
            async () =>
            {
                var earliest = run.Customers.EarliestDeadlineMilliseconds;
                Assert.True(expected is null || earliest <= expected, $"The earliest deadline {earliest} is later than {expected}.");
                if (earliest is { } due)
                {
                    await run.SettleAsync();
                    await run.DueAsync(due);
                }

                return earliest == expected;
            },
            () => $"It is {run.Customers.EarliestDeadlineMilliseconds}.");
    }
}

public sealed class EmbeddedDeadlineTests : DeadlineConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresDeadlineTests : DeadlineConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
