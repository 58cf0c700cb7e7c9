using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Events;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Events;

public sealed class RouterTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_batch_of_several_customers_reaches_each_of_them_and_its_repeats_are_counted_as_duplicates()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        CustomerEvent[] batch = [.. Enumerable.Range(0, 60).Select(index => RandomShopper.Order($"customer-{index % 7}", $"m{index}", Now))];

        var first = await silo.RouteAsync(batch);
        var again = await silo.RouteAsync([.. batch, batch[0], RandomShopper.Order("customer-0", "other", Now)]);

        Assert.Equal((RouteStatus.Durable, 60, 0), (first.Status, first.Accepted, first.Duplicates));
        Assert.Equal((RouteStatus.Durable, 1, 61), (again.Status, again.Accepted, again.Duplicates));
        Assert.Equal(7, (await silo.CensusAsync()).Population);
        for (var customer = 0; customer < 7; customer++)
            Assert.Equal(batch.Count(sent => sent.CustomerId == $"customer-{customer}") + (customer == 0 ? 1 : 0), (await silo.ViewAsync($"customer-{customer}")).EventCount);
    }

    [Fact]
    public async Task The_same_message_id_of_two_customers_is_two_events()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);

        var receipt = await silo.RouteAsync(RandomShopper.Order("7", "m", Now), RandomShopper.Order("007", "m", Now));

        Assert.Equal((2, 0), (receipt.Accepted, receipt.Duplicates));
        Assert.Equal((1, 1), ((await silo.ViewAsync("7")).EventCount, (await silo.ViewAsync("007")).EventCount));
    }

    [Fact]
    public async Task Events_that_can_never_be_accepted_are_reported_by_index_and_the_others_are_accepted()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);

        var receipt = await silo.RouteAsync(
            RandomShopper.Order("good", "1", Now),
            RandomShopper.Order("", "2", Now),
            RandomShopper.Order(new string('x', 256), "3", Now),
            RandomShopper.Order("good", "", Now),
            RandomShopper.Order("good", "5", Now.AddHours(2)),
            RandomShopper.Order("good", "6", DateTimeOffset.UnixEpoch),
            RandomShopper.Order("good", "7", Now, "revenue"),
            RandomShopper.Order("good", "8", Now, "{\"revenue\":"),
            RandomShopper.Order("good", "9", Now) with { Kind = (EventKind)9 },
            RandomShopper.Order(new string('y', 255), "10", Now.AddMinutes(59)));

        Assert.Equal(
            ["1 invalid_customer_id", "2 invalid_customer_id", "3 invalid_message_id", "4 timestamp_in_future", "5 invalid_timestamp", "6 invalid_json", "7 invalid_json", "8 invalid_type"],
            receipt.Rejected.OrderBy(rejection => rejection.Index).Select(rejection => $"{rejection.Index} {rejection.Code}"));
        Assert.Equal((RouteStatus.Durable, 2), (receipt.Status, receipt.Accepted));
        Assert.All(receipt.Rejected, rejection => Assert.EndsWith(".", rejection.Message, StringComparison.Ordinal));
        Assert.Equal(1, (await silo.ViewAsync("good")).EventCount);
    }

    [Fact]
    public async Task A_batch_beyond_the_limit_of_pending_events_is_refused_whole_and_accepted_later()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now, services => services.AddSingleton(new RouterAdmission(1_000)));
        CustomerEvent[] batch = [.. Enumerable.Range(0, 1_001).Select(index => RandomShopper.Order("customer", $"m{index}", Now))];

        var tooLarge = await silo.RouteAsync(batch);
        Assert.Equal((RouteStatus.Overloaded, 0), (tooLarge.Status, tooLarge.Accepted));
        Assert.Null(await silo.Customer("customer").View());

        var fits = await silo.RouteAsync(batch[..1_000]);
        Assert.Equal((RouteStatus.Durable, 1_000), (fits.Status, fits.Accepted));
    }

    [Fact]
    public async Task While_a_batch_waits_for_its_commit_it_counts_against_the_limit_and_afterwards_it_does_not()
    {
        UnreliableStore? store = null;
        await using var silo = await TestSilo.StartAsync(
            _folder,
            Now,
            services =>
            {
                services.AddSingleton(new RouterAdmission(1_000));
                store = UnreliableStore.Replace(services);
            });
        var gate = new TaskCompletionSource();
        store!.Gate = gate.Task;
        CustomerEvent[] batch = [.. Enumerable.Range(0, 600).Select(index => RandomShopper.Order("slow", $"m{index}", Now))];

        var committing = store.NextCommit();
        var waiting = silo.RouteAsync(batch);
        await committing;
        var refused = await silo.RouteAsync([.. batch.Select(sent => sent with { CustomerId = "other" })]);
        Assert.False(waiting.IsCompleted);
        gate.SetResult();

        Assert.Equal((RouteStatus.Overloaded, 0), (refused.Status, refused.Accepted));
        Assert.Equal(600, (await waiting).Accepted);
        Assert.Equal(600, (await silo.RouteAsync([.. batch.Select(sent => sent with { CustomerId = "other" })])).Accepted);
    }

    [Fact]
    public async Task Nothing_is_known_of_a_customer_without_events_and_asking_does_not_make_one()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);

        Assert.Null(await silo.Customer("nobody").View());
        Assert.Null(await silo.Customer("nobody").Explain());
        Assert.Empty(await silo.Customer("nobody").History(10));
        Assert.Equal(new ReconsiderReceipt(RecordStatus.Durable, false), await silo.Customer("nobody").Reconsider(ReconsiderReason.Time));
        Assert.Equal(0, (await silo.CensusAsync()).Population);
        Assert.Null(await silo.Service<ICustomerStore>().ReadAsync("nobody", CancellationToken.None));
    }

    [Fact]
    public async Task Facts_read_with_another_catalogue_are_refused_and_change_nothing()
    {
        await using var silo = await TestSilo.StartAsync(_folder, Now);
        await silo.RouteAsync(RandomShopper.Order("customer", "m", Now));

        var receipt = await silo.Customer("customer").Record(new RecordRequest(42, [1, 2, 3]));

        Assert.Equal(new RecordReceipt(RecordStatus.CatalogueMismatch, 0, 0), receipt);
        Assert.Equal(1, (await silo.ViewAsync("customer")).EventCount);
    }
}
