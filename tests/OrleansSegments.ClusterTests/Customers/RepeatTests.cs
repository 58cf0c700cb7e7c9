using Orleans.Runtime;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>
/// A repeat within a day changes nothing, however busy the customer: its state holds a few of its messages, the store the others.
/// </summary>
public sealed class RepeatTests : IDisposable
{
    private const string Embedded = "embedded";
    private const string Postgresql = "postgresql";
    private const int BusyEvents = 5_000;

    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();
    private UnreliableStore? _store;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Embedded)]
    [InlineData(Postgresql)]
    public async Task Thousands_of_events_of_one_customer_that_are_all_sent_again_move_nothing(string kind)
    {
        var store = await StoreAsync(kind);
        var events = Busy(Now.AddMinutes(-1), BusyEvents);
        CustomerView before;
        long sequence;
        await using (var silo = await TestSilo.StartAsync(store, Now, cluster: null))
        {
            await silo.RouteAllAsync(events);
            before = await silo.ViewAsync("busy");
            sequence = (await silo.CensusAsync()).Sequence;
            Assert.Equal(BusyEvents, before.EventCount);
            silo.Clock.AdvanceTo(Now.AddMinutes(10));
            await AssertNothingMovesAsync(silo, events, before, sequence);
            await silo.ForgetCustomersAsync();
            await AssertNothingMovesAsync(silo, events, before, sequence);
        }

        await using var next = await TestSilo.StartAsync(store, Now.AddHours(23), cluster: null);
        await AssertNothingMovesAsync(next, events, before, sequence);
    }

    /// <summary>Whichever events were durable at the kill, each counts once in the end.</summary>
    [Theory]
    [InlineData(Embedded)]
    [InlineData(Postgresql)]
    public async Task A_crash_in_the_middle_neither_loses_nor_doubles_an_event(string kind)
    {
        var store = await StoreAsync(kind);
        var events = Busy(Now.AddMinutes(-1), BusyEvents);
        var silo = await TestSilo.StartAsync(store, Now, cluster: null, services => _store = UnreliableStore.Replace(services));
        using var killed = new CancellationTokenSource();
        _ = SendAsync(silo, events, new Random(1), killed.Token);
        while (((await silo.Customer("busy").View())?.EventCount ?? 0) < BusyEvents / 3)
            await Task.Yield();

        // A copy of the folder equals what a kill leaves; nothing may be written meanwhile.
        var (gate, passing) = (new TaskCompletionSource(), _store!.Gate);
        _store.Gate = kind == Embedded ? gate.Task : passing;
        using var found = kind == Embedded ? _folder.Copy() : new TestFolder();
        gate.SetResult();
        await killed.CancelAsync();
        await silo.KillAsync();

        await using var next = await TestSilo.StartAsync(kind == Embedded ? StoreArguments.InFolder(found.Path) : store, Now, cluster: null);
        await SendAsync(next, events, new Random(2));
        Assert.Equal(BusyEvents, (await next.ViewAsync("busy")).EventCount);
        await next.VerifyStoreAsync();
    }

    [Fact]
    public async Task After_a_day_a_repeat_counts_again()
    {
        await using var silo = await StartAsync();
        var events = Busy(Now.AddMinutes(-1), 100);
        await silo.RouteAllAsync(events);

        silo.Clock.AdvanceTo(Now.AddHours(24));
        Assert.Equal((0, 100), await CountsAsync(silo, events));
        silo.Clock.AdvanceTo(Now.AddHours(24).AddMinutes(1));
        Assert.Equal((100, 0), await CountsAsync(silo, events));
    }

    /// <summary>
    /// The state no longer has the messages and the store does not have them yet. An activation that saw the customer's first spill needs no
    /// look-up; a later one does.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repeat_of_messages_whose_spill_is_on_its_way_to_the_store_is_known(bool hasSpilledBefore)
    {
        await using var silo = await StartAsync();
        var events = Busy(Now.AddMinutes(-1), 100);
        var earlier = hasSpilledBefore ? 40 : 0;
        await SpillAndForgetAsync(silo, events[..earlier]);
        var (gate, lookedUp) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store!.Gate = gate.Task;
        var committing = _store.NextCommit();
        var first = silo.RouteAsync(events[earlier..]);
        await committing;
        _store.AfterLookUp = () =>
        {
            lookedUp.TrySetResult();
            return Task.CompletedTask;
        };
        var othersCommit = _store.NextCommit();
        var repeat = silo.RouteAsync([.. events[earlier..(earlier + 20)], RandomShopper.Order("other", "1", Now)]);
        await (hasSpilledBefore ? lookedUp.Task : othersCommit);
        gate.SetResult();

        Assert.Equal((100 - earlier, 0), ((await first).Accepted, (await first).Duplicates));
        Assert.Equal((1, 20), ((await repeat).Accepted, (await repeat).Duplicates));
        Assert.Equal(100, (await silo.ViewAsync("busy")).EventCount);
        Assert.Equal(hasSpilledBefore, lookedUp.Task.IsCompleted);
    }

    /// <summary>More messages than an activation keeps in memory: it begins to ask the store.</summary>
    [Fact]
    public async Task A_customer_busier_than_memory_holds_is_asked_for_in_the_store()
    {
        await using var silo = await StartAsync();
        var lookUps = 0;
        _store!.AfterLookUp = () =>
        {
            lookUps++;
            return Task.CompletedTask;
        };
        var events = Busy(Now.AddMinutes(-1), 1_000);
        await silo.RouteAllAsync(events[..200]);
        Assert.Equal((0, 200), await CountsAsync(silo, events[..200]));
        Assert.Equal(0, lookUps);

        await silo.RouteAllAsync(events[200..]);

        Assert.Equal((0, 1_000), await CountsAsync(silo, events));
        Assert.NotEqual(0, lookUps);
    }

    /// <summary>
    /// The look-up did not include the message, which was still in the state, and the spill has become durable meanwhile.
    /// </summary>
    [Fact]
    public async Task A_repeat_of_messages_that_are_spilled_during_a_look_up_is_known()
    {
        await using var silo = await StartAsync();
        var events = Busy(Now.AddMinutes(-1), 100);
        await SpillAndForgetAsync(silo, events[..40]);
        var (asked, answered) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store!.AfterLookUp = () => asked.TrySetResult() ? answered.Task : Task.CompletedTask;

        var mixed = silo.RouteAsync(events[39], events[99]);
        await asked.Task;
        Assert.Equal((59, 0), await CountsAsync(silo, events[40..99]));
        answered.SetResult();

        Assert.Equal((1, 1), ((await mixed).Accepted, (await mixed).Duplicates));
        Assert.Equal(100, (await silo.ViewAsync("busy")).EventCount);
    }

    [Fact]
    public async Task What_the_store_refuses_is_neither_lost_nor_known()
    {
        await using var silo = await StartAsync();
        var events = Busy(Now.AddMinutes(-1), 100);
        await SpillAndForgetAsync(silo, events[..40]);
        _store!.Refuse = static _ => CommitOutcome.Unavailable;
        Assert.Equal(RouteStatus.Unavailable, (await silo.RouteAsync(events[40..])).Status);
        _store.Refuse = static _ => null;
        _store.AfterLookUp = static () => throw new StoreException("The store is away.");
        Assert.Equal(RouteStatus.Unavailable, (await silo.RouteAsync(events)).Status);
        _store.AfterLookUp = static () => Task.CompletedTask;

        Assert.Equal((60, 40), await CountsAsync(silo, events));
        Assert.Equal((0, 100), await CountsAsync(silo, events));
    }

    /// <summary>
    /// Several senders with the same events, repeated at random, while customers are deactivated, the store refuses, and look-ups are
    /// delayed.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_random_mix_of_repeats_gives_the_same_as_one_clean_pass(int seed)
    {
        var events = Enumerable.Range(0, 3).SelectMany(c => RandomShopper.History($"c{c}", (seed * 100) + c, 500, Now.AddHours(-20), Now)).ToArray();
        using var cleanFolder = new TestFolder();
        await using var clean = await TestSilo.StartAsync(cleanFolder, Now);
        await clean.RouteAllAsync(events);

        await using var silo = await StartAsync();
        var (changes, lookUps) = (0, 0);
        _store!.Refuse = _ => Interlocked.Increment(ref changes) % 61 == 0 ? CommitOutcome.Unavailable : null;
        _store.AfterLookUp = async () =>
        {
            for (var turn = Interlocked.Increment(ref lookUps) % 7; turn > 0; turn--)
                await Task.Yield();
        };
        using var done = new CancellationTokenSource();
        var forgetting = ForgetAsync(silo, done.Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(sender => SendAsync(silo, events, new Random((seed * 10) + sender))));
        await done.CancelAsync();
        await forgetting;

        Assert.True(lookUps > 100, $"{lookUps} look-ups");
        for (var c = 0; c < 3; c++)
        {
            var (expected, actual) = (await clean.ViewAsync($"c{c}"), await silo.ViewAsync($"c{c}"));
            Assert.Equal((expected.EventCount, expected.LastEventAt), (actual.EventCount, actual.LastEventAt));
            foreach (var (feature, value) in expected.Features)
                Assert.Equal(value, actual.Features[feature], 1e-9 * Math.Max(1, Math.Abs(value)));
        }

        await Conservation.AssertHoldsAsync(silo);
    }

    /// <summary>So that the next activation does not know all messages.</summary>
    private static async Task SpillAndForgetAsync(TestSilo silo, CustomerEvent[] events)
    {
        await silo.RouteAllAsync(events);
        await silo.ForgetCustomersAsync();
    }

    private static CustomerEvent[] Busy(DateTimeOffset from, int count) => RandomShopper.History("busy", 7, count, from, from.AddMinutes(1));

    private static async Task<(int Accepted, int Duplicates)> CountsAsync(TestSilo silo, CustomerEvent[] events)
    {
        var receipt = await silo.RouteAsync(events);
        Assert.Equal(RouteStatus.Durable, receipt.Status);
        return (receipt.Accepted, receipt.Duplicates);
    }

    private static async Task AssertNothingMovesAsync(TestSilo silo, CustomerEvent[] events, CustomerView before, long sequence)
    {
        await SendAsync(silo, events, new Random(3));
        var after = await silo.ViewAsync("busy");
        Assert.Equal((before.EventCount, before.LastEventAt), (after.EventCount, after.LastEventAt));
        Assert.Equal(before.TraitsJson, after.TraitsJson);
        Assert.Equal(before.Segment.Id, after.Segment.Id);
        Assert.Equal(sequence, (await silo.CensusAsync()).Sequence);
    }

    /// <summary>Sends all events in any order, in random batches, and again what was not acknowledged.</summary>
    private static async Task SendAsync(TestSilo silo, CustomerEvent[] events, Random random, CancellationToken stop = default)
    {
        var left = events.ToArray();
        random.Shuffle(left);
        for (var start = 0; start < left.Length && !stop.IsCancellationRequested;)
        {
            var batch = left[start..Math.Min(left.Length, start + random.Next(1, 80))];
            var receipt = await silo.RouteAsync(batch);
            start += receipt.Status == RouteStatus.Durable ? batch.Length : 0;
        }
    }

    private static async Task ForgetAsync(TestSilo silo, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
            await silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, CancellationToken.None);
    }

    private Task<TestSilo> StartAsync() => TestSilo.StartAsync(_folder, Now, services => _store = UnreliableStore.Replace(services));

    private async Task<StoreArguments> StoreAsync(string kind)
    {
        if (kind == Embedded)
            return StoreArguments.InFolder(_folder.Path);
        PostgresRequired.OrSkip();
        var server = await SharedServer.StartedAsync();
        var database = SharedServer.NewSchema();
        await server.CreateDatabaseAsync(database);
        return new StoreArguments(StoreSelectionOptions.Postgresql, server.ConnectionString(database), null, "none", StoreStart.AsItIs);
    }
}
