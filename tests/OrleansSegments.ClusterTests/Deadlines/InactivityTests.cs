using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Deadlines;

public sealed class InactivityTests(TrainedPopulation population)
{
    [Fact]
    public async Task Silence_alone_moves_live_customers_at_their_due_time_and_not_before()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var due = await ReadDueAsync(silo);

        Assert.True(silo.Service<DirectDoor>().Count >= TrainedPopulation.Customers, "the questions have brought everyone to life");
        await MovesAtDueTimeAsync(silo, due);
    }

    [Fact]
    public async Task Silence_alone_moves_customers_that_are_not_in_memory()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var due = await ReadDueAsync(silo);
        await silo.ForgetCustomersAsync();

        await MovesAtDueTimeAsync(silo, due, isNobodyInMemory: true);
    }

    [Fact]
    public async Task Silence_alone_moves_customers_after_a_restart_and_also_while_the_silo_was_down()
    {
        using var folder = population.Copy();
        DueTime due;
        await using (var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End))
            due = await ReadDueAsync(silo);
        await using (var silo = await TestSilo.StartAsync(folder, due.At.AddMilliseconds(-1)))
            await MovesAtDueTimeAsync(silo, due, isNobodyInMemory: true);
        await using (var silo = await TestSilo.StartAsync(folder, due.At.AddDays(10)))
        {
            Assert.True(await silo.ServeDeadlinesAsync() > 0, "ten silent days move somebody");
            Assert.Equal(0, await silo.ServeDeadlinesAsync());
            await silo.VerifyStoreAsync();
        }
    }

    /// <summary>
    /// Hysteresis measures from the segment at the start of the hour. Regression: that segment was computed from the one before the last
    /// event in a single step, however long ago; a customer could return, unannounced, to a segment that it had left.
    /// </summary>
    [Fact]
    public async Task Nobody_changes_segment_between_an_event_and_the_announced_due_time()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var random = new Random(7);
        await silo.RouteAllAsync(Enumerable.Range(0, 300).Select(customer =>
            RandomShopper.Order($"shopper-{customer * 5:0000000}", $"extra-{customer}", TrainedPopulation.End, $$"""{"revenue":{{random.Next(5, 900)}}}""")));
        var evaluator = silo.Service<CustomerEvaluator>();
        var model = silo.Service<ModelCache>().Current;
        var now = TrainedPopulation.End.ToUnixTimeMilliseconds();

        foreach (var customer in await ScanAsync(silo))
        {
            var record = customer.Record;
            var placement = evaluator.Place(model, record, record.State, now);
            var due = evaluator.DueAt(model, placement, record.State, now);
            var last = Math.Min(due ?? long.MaxValue, now + TimeSpan.FromDays(60).Ticks / TimeSpan.TicksPerMillisecond) - 1;
            for (var at = now; at < last; at += 1 + ((last - now) / 40))
            {
                var later = evaluator.Place(model, record, record.State, at);
                Assert.True(
                    later.SegmentId == placement.SegmentId,
                    $"{customer.CustomerId} is in {placement.SegmentId} (settled {record.SettledSegmentId} at hour {record.SettledHour}), due {due}, and in {later.SegmentId} {(at - now) / 3.6e6:F1} h later");
            }

            if (due is { } moment)
                Assert.NotEqual(placement.SegmentId, evaluator.Place(model, record, record.State, moment).SegmentId);
        }
    }

    private static async Task<IReadOnlyList<StoredCustomer>> ScanAsync(TestSilo silo) =>
        await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None);

    /// <summary>The customers that are due first: all with the earliest deadline.</summary>
    private static async Task<DueTime> ReadDueAsync(TestSilo silo)
    {
        var explanations = new List<CustomerExplanation>();
        foreach (var customer in await ScanAsync(silo))
            explanations.Add((await silo.Customer(customer.CustomerId).Explain())!);
        var at = explanations.Min(explanation => explanation.DueAt);
        Assert.True(at > TrainedPopulation.End, "somebody is due in the future");
        return new DueTime(at.Value, [.. explanations.Where(explanation => explanation.DueAt == at)]);
    }

    private static async Task MovesAtDueTimeAsync(TestSilo silo, DueTime due, bool isNobodyInMemory = false)
    {
        silo.Clock.AdvanceTo(due.At.AddMilliseconds(-1));
        Assert.Equal(0, await silo.ServeDeadlinesAsync());

        silo.Clock.AdvanceTo(due.At);
        var sequence = (await silo.CensusAsync()).Sequence;
        Assert.Equal(due.Customers.Length, await silo.ServeDeadlinesAsync());
        Assert.Equal(isNobodyInMemory, silo.Service<DirectDoor>().Count == 0);
        var changes = await silo.ReadChangesAsync(sequence);
        Assert.Equal(due.Customers.Select(customer => customer.Id).Order(), changes.Select(change => change.CustomerId).Order());
        foreach (var before in due.Customers)
        {
            var change = changes.Single(change => change.CustomerId == before.Id);
            Assert.Equal(("time", before.Effective.Id, due.At), (change.Cause, change.From, change.OccurredAt));
            var after = await silo.ViewAsync(before.Id);
            Assert.Equal((change.To, due.At), (after.Segment.Id, after.Segment.Since));
            Assert.NotEqual(before.Effective.Id, after.Segment.Id);
        }

        Assert.Equal(0, await silo.ServeDeadlinesAsync());
        await silo.VerifyStoreAsync();
    }

    private sealed record DueTime(DateTimeOffset At, CustomerExplanation[] Customers);
}
