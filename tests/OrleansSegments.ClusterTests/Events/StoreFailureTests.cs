using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Events;

public sealed class StoreFailureTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private UnreliableStore? _store;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CommitOutcome.Unavailable, RouteStatus.Unavailable)]
    [InlineData(CommitOutcome.Overloaded, RouteStatus.Overloaded)]
    [InlineData(CommitOutcome.Conflict, RouteStatus.Overloaded)]
    public async Task What_the_store_refuses_is_not_acknowledged_nor_counted_and_a_retry_counts_once(CommitOutcome outcome, RouteStatus status)
    {
        await using var silo = await StartAsync();
        await silo.RouteAllAsync([RandomShopper.Order("known", "before", Now)]);
        CustomerEvent[] batch = [RandomShopper.Order("known", "1", Now), RandomShopper.Order("new", "2", Now), RandomShopper.Order("new", "3", Now)];

        _store!.Refuse = _ => outcome;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var refused = await silo.RouteAsync(batch);
            Assert.Equal((status, 0, 0), (refused.Status, refused.Accepted, refused.Duplicates));
        }

        Assert.Equal(1, (await silo.ViewAsync("known")).EventCount);
        Assert.Null(await silo.Customer("new").View());
        Assert.Equal(1, (await silo.CensusAsync()).Population);

        _store.Refuse = static _ => null;
        var taken = await silo.RouteAsync(batch);
        var repeated = await silo.RouteAsync(batch);
        Assert.Equal((RouteStatus.Durable, 3, 0), (taken.Status, taken.Accepted, taken.Duplicates));
        Assert.Equal((RouteStatus.Durable, 0, 3), (repeated.Status, repeated.Accepted, repeated.Duplicates));
        Assert.Equal((2, 2), ((await silo.ViewAsync("known")).EventCount, (await silo.ViewAsync("new")).EventCount));
        await silo.VerifyStoreAsync();
    }

    [Fact]
    public async Task A_conflict_that_passes_is_retried_within_the_batch()
    {
        await using var silo = await StartAsync();
        var conflicts = 2;
        _store!.Refuse = _ => conflicts-- > 0 ? CommitOutcome.Conflict : null;

        var receipt = await silo.RouteAsync(RandomShopper.Order("customer", "1", Now), RandomShopper.Order("customer", "2", Now));

        Assert.Equal((RouteStatus.Durable, 2, 0), (receipt.Status, receipt.Accepted, receipt.Duplicates));
        Assert.Equal(2, (await silo.ViewAsync("customer")).EventCount);
    }

    [Fact]
    public async Task A_batch_of_which_one_customer_fails_can_be_sent_again_whole()
    {
        await using var silo = await StartAsync();
        CustomerEvent[] batch = [.. Enumerable.Range(0, 20).Select(index => RandomShopper.Order($"customer-{index}", "m", Now))];

        _store!.Refuse = change => change.CustomerId == "customer-3" ? CommitOutcome.Unavailable : null;
        Assert.Equal(RouteStatus.Unavailable, (await silo.RouteAsync(batch)).Status);
        _store.Refuse = static _ => null;
        var again = await silo.RouteAsync(batch);

        Assert.Equal((RouteStatus.Durable, 1, 19), (again.Status, again.Accepted, again.Duplicates));
        Assert.Equal(20, (await silo.CensusAsync()).Population);
        await silo.VerifyStoreAsync();
    }

    /// <summary>
    /// The second copy arrives while the first one's commit, which fails, is pending: it must not be acknowledged as a duplicate.
    /// </summary>
    [Fact]
    public async Task A_repeat_of_events_whose_commit_fails_is_not_acknowledged_either()
    {
        await using var silo = await StartAsync();
        var gate = new TaskCompletionSource();
        (_store!.Gate, _store.Refuse) = (gate.Task, static _ => CommitOutcome.Unavailable);
        var order = RandomShopper.Order("customer", "1", Now);

        var first = silo.RouteAsync(order);
        var repeat = silo.RouteAsync(order);
        gate.SetResult();

        Assert.Equal((RouteStatus.Unavailable, 0), ((await first).Status, (await first).Accepted));
        Assert.NotEqual(RouteStatus.Durable, (await repeat).Status);
        _store.Refuse = static _ => null;
        Assert.Equal((RouteStatus.Durable, 1), ((await silo.RouteAsync(order)).Status, (int)(await silo.ViewAsync("customer")).EventCount));
    }

    /// <summary>
    /// A new activation does not see the pending commit of an abandoned one, so it must not start before that commit has ended.
    /// </summary>
    [Fact]
    public async Task The_next_activation_waits_for_the_commits_of_the_abandoned_one()
    {
        await using var silo = await StartAsync();
        var gate = new TaskCompletionSource();
        _store!.Gate = gate.Task;
        var committing = _store.NextCommit();
        var first = silo.RouteAsync(RandomShopper.Order("customer", "1", Now));
        await committing;
        (_store.Gate, _store.Refuse) = (Task.CompletedTask, static _ => CommitOutcome.Overloaded);
        Assert.Equal(RouteStatus.Overloaded, (await silo.RouteAsync(RandomShopper.Order("customer", "2", Now))).Status);
        _store.Refuse = static _ => null;

        var view = silo.Customer("customer").View().AsTask();
        gate.SetResult();

        Assert.Equal(RouteStatus.Durable, (await first).Status);
        Assert.Equal(1, (await view)?.EventCount);
        Assert.Equal(RouteStatus.Durable, (await silo.RouteAsync(RandomShopper.Order("customer", "2", Now))).Status);
        Assert.Equal(2, (await silo.ViewAsync("customer")).EventCount);
        await silo.VerifyStoreAsync();
    }

    /// <summary>
    /// Two activations of one customer can never both write: the one with the older record is refused, deactivates, and the next reads the
    /// store.
    /// </summary>
    [Fact]
    public async Task Events_survive_a_writer_that_overtook_the_activation()
    {
        await using var silo = await StartAsync();
        await silo.RouteAllAsync([RandomShopper.Order("customer", "1", Now)]);
        var store = silo.Service<ICustomerStore>();
        var record = (await store.ReadAsync("customer", CancellationToken.None))!;
        var overtaking = new CustomerChange("customer", record.SegmentId, record with { Version = record.Version + 1 }, null, default, Now.ToUnixTimeMilliseconds());
        Assert.Equal(CommitOutcome.Committed, await store.CommitAsync(overtaking));

        var receipt = await silo.RouteAsync(RandomShopper.Order("customer", "2", Now));

        Assert.Equal((RouteStatus.Durable, 1), (receipt.Status, receipt.Accepted));
        Assert.Equal(2, (await silo.ViewAsync("customer")).EventCount);
        Assert.Equal(record.Version + 2, (await store.ReadAsync("customer", CancellationToken.None))!.Version);
    }

    private Task<TestSilo> StartAsync() => TestSilo.StartAsync(_folder, Now, services => _store = UnreliableStore.Replace(services));
}
