using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>Direct calls have the same effect as calls through the mailbox.</summary>
public sealed class DirectDoorTests
{
    private const int Customers = 40;
    private const int EventsEach = 60;
    private const int Senders = 4;

    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Sends the same events once sequentially, and once in random batches from several senders that share customers and repeat what was
    /// refused, through door and mailbox, while others query, deactivate customers, publish models, and the store sometimes refuses.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Door_and_mailbox_give_the_same_as_one_clean_pass(int seed)
    {
        var histories = Enumerable.Range(0, Customers)
            .Select(c => RandomShopper.History($"c{c}", (seed * 1_000) + c, EventsEach, Now.AddDays(-40), Now).ToArray())
            .ToArray();
        using var cleanFolder = new TestFolder();
        await using var clean = await TestSilo.StartAsync(cleanFolder, Now);
        await clean.RouteAllAsync(histories.SelectMany(h => h));

        using var folder = new TestFolder();
        UnreliableStore? store = null;
        await using var silo = await TestSilo.StartAsync(folder, Now, services => store = UnreliableStore.Replace(services));
        var refusals = 0;
        store!.Refuse = change => Interlocked.Increment(ref refusals) % 97 == 0 ? CommitOutcome.Unavailable : null;
        using var done = new CancellationTokenSource();
        var disturbing = Task.WhenAll(AskAsync(silo, seed, done.Token), ForgetAsync(silo, done.Token), PublishAsync(silo, done.Token));
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender =>
            SendAsync(silo, [.. histories.Select(h => h.Where((_, e) => e % Senders == sender).ToArray())], new Random((seed * 10) + sender))));
        await done.CancelAsync();
        await disturbing;
        store.Refuse = static _ => null;

        Assert.True(refusals > Customers, $"the store was asked {refusals} times");
        for (var c = 0; c < Customers; c++)
        {
            var expected = await clean.ViewAsync($"c{c}");
            var actual = await silo.ViewAsync($"c{c}");
            Assert.Equal((expected.EventCount, expected.LastEventAt), (actual.EventCount, actual.LastEventAt));
            Assert.Equal(expected.Features.Keys.Order(), actual.Features.Keys.Order());
            foreach (var (feature, value) in expected.Features)
                Assert.Equal(value, actual.Features[feature], 1e-9 * Math.Max(1, Math.Abs(value)));
        }

        await Conservation.AssertHoldsAsync(silo);
        await silo.VerifyStoreAsync();
    }

    [Fact]
    public async Task Facts_for_a_customer_in_memory_do_not_pass_the_mailbox_and_the_others_do()
    {
        var mailbox = new MailboxCalls();
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, Now, services => services.AddSingleton<IIncomingGrainCallFilter>(mailbox));
        await silo.RouteAllAsync([RandomShopper.Order("here", "m1", Now)]);

        await silo.RouteAllAsync([RandomShopper.Order("here", "m2", Now), RandomShopper.Order("elsewhere", "m3", Now)]);
        await silo.RouteAllAsync([RandomShopper.Order("here", "m4", Now), RandomShopper.Order("elsewhere", "m5", Now)]);

        Assert.Equal(["here", "elsewhere"], mailbox.RecordedFor);
        Assert.Equal(3, (await silo.ViewAsync("here")).EventCount);
        Assert.Equal(2, (await silo.ViewAsync("elsewhere")).EventCount);
    }

    [Fact]
    public async Task A_deactivated_grain_is_no_longer_found_and_refuses_callers_that_found_it_before()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, Now);
        await silo.RouteAllAsync([RandomShopper.Order("ada", "m1", Now)]);
        Assert.True(silo.Service<DirectDoor>().TryFind("ada", out var before));

        await silo.ForgetCustomersAsync();

        Assert.False(silo.Service<DirectDoor>().TryFind("ada", out _));
        Assert.False(before.TryRecord(Facts(silo, RandomShopper.Order("ada", "m2", Now)), Stopwatch.GetTimestamp(), out _));
        Assert.Null(await before.TryReconsider(ReconsiderReason.Time));
        await silo.RouteAllAsync([RandomShopper.Order("ada", "m2", Now)]);
        Assert.Equal(2, (await silo.ViewAsync("ada")).EventCount);
    }

    /// <summary>
    /// Orleans only sees calls through the mailbox: without a countermeasure a customer with an event a second would be collected every
    /// quarter of an hour.
    /// </summary>
    [Fact]
    public async Task The_collector_leaves_a_customer_that_only_the_door_calls()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, Now);
        await silo.RouteAllAsync([RandomShopper.Order("busy", "m1", Now), RandomShopper.Order("idle", "m1", Now)]);
        var door = silo.Service<DirectDoor>();
        Assert.True(door.TryFind("busy", out var busy));

        // Six minutes later, according to the timestamp given to the grain.
        Assert.True(busy.TryRecord(Facts(silo, RandomShopper.Order("busy", "m2", Now)), Stopwatch.GetTimestamp() + (360 * Stopwatch.Frequency), out var receipt));
        Assert.Equal(RecordStatus.Durable, (await receipt).Status);
        await silo.Grains.GetGrain<ICustomerGrain>(CustomerKey.Of("busy")).History(1);
        await silo.CollectUntilAsync("the customer that nobody uses leaves memory", () => !door.TryFind("idle", out _));

        Assert.True(door.TryFind("busy", out var still) && still == busy);
    }

    private static RecordRequest Facts(TestSilo silo, CustomerEvent source)
    {
        var writer = new FactsWriter();
        var input = new EventInput
        {
            Type = EventType.Track,
            Name = source.Name,
            MessageId = source.MessageId,
            OccurredAtMilliseconds = source.OccurredAtMilliseconds,
            Properties = source.Body.Span,
            Context = source.Context.Span,
        };
        Assert.True(silo.Service<EventReader>().Read(input, writer));
        return new RecordRequest(silo.Service<FeatureCatalogue>().Hash, writer.ToArray());
    }

    /// <summary>
    /// Sends whole histories in random batches, each customer's events in any order, and again what was not acknowledged.
    /// </summary>
    private static async Task SendAsync(TestSilo silo, CustomerEvent[][] histories, Random random)
    {
        var left = histories.SelectMany(h => h).ToArray();
        random.Shuffle(left);
        for (var start = 0; start < left.Length;)
        {
            var batch = left[start..Math.Min(left.Length, start + random.Next(1, 40))];
            var receipt = await silo.RouteAsync(batch);
            start += receipt.Status == RouteStatus.Durable ? batch.Length : 0;
        }
    }

    private static async Task AskAsync(TestSilo silo, int seed, CancellationToken done)
    {
        var random = new Random(seed);
        while (!done.IsCancellationRequested)
        {
            await silo.Customer($"c{random.Next(Customers)}").View();
            await silo.ServeDeadlinesAsync();
        }
    }

    private static async Task ForgetAsync(TestSilo silo, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
            await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, CancellationToken.None);
    }

    private static async Task PublishAsync(TestSilo silo, CancellationToken done)
    {
        for (var count = 2; !done.IsCancellationRequested; count = (count % 4) + 2)
            await silo.TrainAsync(new TrainingRequest(SegmentCount: count, Force: true));
    }

    /// <summary>Records the customers whose facts came through the mailbox.</summary>
    private sealed class MailboxCalls : IIncomingGrainCallFilter
    {
        public ConcurrentQueue<string> RecordedFor { get; } = new();

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Grain is CustomerGrain customer && context.InterfaceMethod.Name == nameof(ICustomerGrain.Record))
                RecordedFor.Enqueue(CustomerKey.CustomerIdOf(customer.GetPrimaryKeyString()));
            return context.Invoke();
        }
    }
}
