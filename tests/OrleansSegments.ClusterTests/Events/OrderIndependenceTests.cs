using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using Xunit;

namespace OrleansSegments.ClusterTests.Events;

/// <summary>
/// Pairs of customers with identical behaviour: one's events arrive once and in order, the other's shuffled, split into batches, repeated
/// within and across batches, and partly late. Both must be equal at the end.
/// </summary>
public sealed class OrderIndependenceTests(TrainedPopulation population)
{
    private const int Customers = 20;

    private static readonly DateTimeOffset Start = TrainedPopulation.End.AddDays(-30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Any_order_batching_and_repetition_ends_in_the_same_features_and_the_same_segment(int seed)
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        var random = new Random(seed);
        var moments = new[] { TrainedPopulation.End, TrainedPopulation.End.AddMinutes(20), TrainedPopulation.End.AddDays(3) };
        var clean = Histories("clean", seed);
        var messy = Histories("messy", seed);

        // Both get the same events at each moment, but in a different way. The last parts contain events of the first days.
        var parts = Enumerable.Range(0, Customers).Select(_ => Enumerable.Range(0, 200).Select(_ => random.Next(moments.Length)).ToArray()).ToArray();
        for (var part = 0; part < moments.Length; part++)
        {
            silo.Clock.AdvanceTo(moments[part]);
            foreach (var customer in Enumerable.Range(0, Customers))
                await AcceptAsync(silo, Part(clean[customer], parts[customer], part));
            await ScatterAsync(silo, random, [.. Enumerable.Range(0, Customers).SelectMany(customer => Part(messy[customer], parts[customer], part))]);
            await silo.ServeDeadlinesAsync();
            for (var customer = 0; customer < Customers; customer++)
                AssertSame(await silo.ViewAsync($"clean-{customer}"), await silo.ViewAsync($"messy-{customer}"), $"seed {seed}, moment {part}, customer {customer}");
        }

        await silo.VerifyStoreAsync();
    }

    [Fact]
    public void The_generated_customers_reach_empty_and_large_parts_equal_times_and_several_kinds()
    {
        var events = Enumerable.Range(1, 5).SelectMany(seed => Histories("x", seed)).ToArray();

        Assert.Contains(events, history => history.Length == 1);
        Assert.Contains(events, history => history.Length > 50);
        Assert.Contains(events, history => history.Zip(history.Skip(1)).Any(pair => pair.First.OccurredAtMilliseconds == pair.Second.OccurredAtMilliseconds));
        Assert.Equal(4, events.SelectMany(history => history).Select(customerEvent => customerEvent.Kind).Distinct().Count());
    }

    private static CustomerEvent[][] Histories(string prefix, int seed) =>
    [
        .. Enumerable.Range(0, Customers).Select(customer => RandomShopper.History(
            $"{prefix}-{customer}", (seed * 1_000) + customer, customer switch { 0 => 1, 1 => 2, _ => 3 + (customer * 5) }, Start, TrainedPopulation.End)),
    ];

    private static CustomerEvent[] Part(CustomerEvent[] history, int[] parts, int part) =>
        [.. history.Where((_, index) => index == 0 ? part == 0 : parts[index] == part)];

    private static async Task AcceptAsync(TestSilo silo, CustomerEvent[] events)
    {
        if (events.Length == 0)
            return;

        var receipt = await silo.RouteAsync(events);
        Assert.Equal((RouteStatus.Durable, events.Length, 0), (receipt.Status, receipt.Accepted, receipt.Duplicates));
    }

    /// <summary>Shuffled, split into batches of 1 to 40, some concurrently, a third of the events and of the batches sent twice.</summary>
    private static async Task ScatterAsync(TestSilo silo, Random random, CustomerEvent[] events)
    {
        CustomerEvent[] sent = [.. events, .. events.Where(_ => random.Next(3) == 0)];
        random.Shuffle(sent);
        var batches = new List<CustomerEvent[]>();
        for (var start = 0; start < sent.Length; start += batches[^1].Length)
            batches.Add(sent[start..Math.Min(sent.Length, start + random.Next(1, 41))]);
        var order = batches.Concat(batches.Where(_ => random.Next(3) == 0)).ToArray();
        random.Shuffle(order);
        var accepted = 0;
        foreach (var together in order.Chunk(4))
        {
            var receipts = await Task.WhenAll(together.Select(batch => silo.RouteAsync(batch)));
            Assert.All(receipts, receipt => Assert.Equal(RouteStatus.Durable, receipt.Status));
            accepted += receipts.Sum(receipt => receipt.Accepted);
        }

        Assert.Equal(events.Length, accepted);
    }

    private static void AssertSame(CustomerView clean, CustomerView messy, string where)
    {
        Assert.True(clean.EventCount == messy.EventCount, $"{where}: {clean.EventCount} events, {messy.EventCount} when scattered");
        Assert.True(clean.FirstEventAt == messy.FirstEventAt && clean.LastEventAt == messy.LastEventAt, $"{where}: first or last event");
        Assert.True(clean.Features.Keys.Order().SequenceEqual(messy.Features.Keys.Order()), $"{where}: other features are known");
        foreach (var (name, value) in clean.Features)
            Assert.True(Math.Abs(value - messy.Features[name]) <= 1e-9 * Math.Max(Math.Abs(value), 1e-9), $"{where}: {name} is {value}, {messy.Features[name]} when scattered");
        Assert.True(clean.TraitsJson.SequenceEqual(messy.TraitsJson), $"{where}: traits");
        Assert.True(
            clean.Segment.Id == messy.Segment.Id && clean.Segment.ModelVersion == messy.Segment.ModelVersion,
            $"{where}: in {clean.Segment.Id} of model {clean.Segment.ModelVersion}, in {messy.Segment.Id} of model {messy.Segment.ModelVersion} when scattered");
    }
}
