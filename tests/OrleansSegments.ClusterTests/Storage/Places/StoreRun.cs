using OrleansSegments.Storage;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>An open store with helper methods for tests.</summary>
internal sealed class StoreRun(IStore store, Func<Task> settle) : IAsyncDisposable
{
    public IStore Store => store;

    public ICustomerStore Customers => store.Customers;

    public IControlStateStore Control => store.Control;

    /// <summary>Has the store move committed data to its final place; the readable data does not change.</summary>
    public Task SettleAsync() => settle();

    public ValueTask<CommitOutcome> CommitAsync(string id, long version, int? from, int to, long? due = null) =>
        Customers.CommitAsync(SampleChange.Of(id, version, from, to, due));

    /// <summary>Submits all changes before any is answered, and expects each to be committed.</summary>
    public async Task CommitAllAsync(IEnumerable<CustomerChange> changes)
    {
        var outcomes = await OutcomesAsync(changes);
        Assert.True(
            outcomes.All(outcome => outcome == CommitOutcome.Committed),
            $"Not all were committed: {string.Join(", ", outcomes.CountBy(outcome => outcome))}. {Customers.Health.Problem}");
    }

    /// <summary>Submits all changes before any is answered.</summary>
    public Task<CommitOutcome[]> OutcomesAsync(IEnumerable<CustomerChange> changes) =>
        Condition.EndsAsync("the changes are answered", Task.WhenAll(changes.Select(change => Customers.CommitAsync(change).AsTask()).ToArray()));

    public ValueTask<CustomerRecord?> ReadAsync(string id) => Customers.ReadAsync(id, CancellationToken.None);

    public async Task<DueCustomer[]> DueAsync(long until, int limit = 1_000) =>
        [.. await Customers.ReadDueAsync(until, limit, CancellationToken.None)];

    public async Task<Transition[]> TransitionsAsync(long after = 0, int limit = 100_000) =>
        [.. await Customers.ReadTransitionsAsync(after, limit, CancellationToken.None)];

    public async Task<Transition[]> HistoryAsync(string id, int limit = 1_000) =>
        [.. await Customers.ReadHistoryAsync(id, limit, CancellationToken.None)];

    /// <summary>The known ones of the messages, ordered by key.</summary>
    public async Task<ulong[]> MessagesAsync(string id, ulong[] keys, uint nowMinutes) =>
        [.. (await Customers.FindMessagesAsync(id, keys, nowMinutes, CancellationToken.None)).Order()];

    /// <summary>All customers with a value of a trait, read in pages.</summary>
    public async Task<List<string>> FindAsync(string trait, string value, int limit = 1_000)
    {
        var all = new List<string>();
        while (await Customers.FindByTraitAsync(trait, value, all.LastOrDefault(), limit, CancellationToken.None) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= limit, $"A page of {limit} has {page.Count} customers.");
            all.AddRange(page);
        }

        return all;
    }

    /// <summary>All customers, read in pages.</summary>
    public Task<List<StoredCustomer>> ScanAsync(int limit = 1_000) =>
        PagesAsync<StoredCustomer>(last => Customers.ScanAsync(last?.CustomerId, limit, CancellationToken.None));

    /// <summary>All members, read in pages.</summary>
    public async Task<List<string>> MembersAsync(int segmentId, int limit = 1_000)
    {
        var all = new List<string>();
        while (await Customers.ReadMembersAsync(segmentId, all.LastOrDefault(), limit, CancellationToken.None) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= limit, $"A page of {limit} has {page.Count} members.");
            all.AddRange(page);
        }

        return all;
    }

    /// <summary>
    /// Follows the log from its beginning until it has shown this many transitions. A store shared by several silos shows a transition only
    /// when nothing older can still be committed, so a reader may have to wait for another silo.
    /// </summary>
    public async Task<List<Transition>> FeedAsync(int count, int limit = 1_000)
    {
        var seen = new List<Transition>();
        await Condition.HoldsAsync(
            $"the log shows {count} transitions",
            async () =>
            {
                while (await TransitionsAsync(seen.LastOrDefault()?.Sequence ?? 0, limit) is { Length: > 0 } page)
                {
                    Assert.True(page.Length <= limit, $"A page of {limit} has {page.Length} transitions.");
                    seen.AddRange(page);
                }

                return seen.Count >= count;
            },
            () => $"It shows {seen.Count}.");
        return seen;
    }

    public async Task VerifyAsync() => Assert.Empty(await store.VerifyAsync(CancellationToken.None));

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static async Task<List<T>> PagesAsync<T>(Func<T?, ValueTask<IReadOnlyList<T>>> read)
        where T : struct
    {
        var all = new List<T>();
        while (await read(all.Count == 0 ? null : all[^1]) is { Count: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }
}

/// <summary>Changes whose fields all derive from customer and version, so that every record is distinguishable.</summary>
internal static class SampleChange
{
    public const long Now = 1_750_000_000_000;

    /// <summary>Values of traits that many customers have. As plain concatenations some would be the beginning of others, or the same.</summary>
    public static readonly (string Trait, string Value)[] Traits =
        [("email", "ada@example.org"), ("email", "ada@example.org\0"), ("emai", "lada@example.org"), ("email", "%_\\'; --"), ("\u00E4\0", "\U0001F600\uFFFD")];

    /// <summary>The time at which the messages of all changes are received.</summary>
    public const uint NowMinutes = (uint)(Now / 60_000);

    public static CustomerChange Of(string id, long version, int? from, int to, long? due = null, int size = 40) => new(
        id,
        from,
        new CustomerRecord(version, to, 3 + (int)(version % 5), Now + version, to + 1, (int)version, State(id, version, size)),
        due,
        (TransitionCause)(1 + (version % 6)),
        Now + version)
    {
        Traits =
        [
            .. TraitsOf(version - 1, from).Except(TraitsOf(version, to)).Select(trait => new TraitEntry(trait.Trait, trait.Value, IsAdded: false)),
            .. TraitsOf(version, to).Except(TraitsOf(version - 1, from)).Select(trait => new TraitEntry(trait.Trait, trait.Value, IsAdded: true)),
        ],
        Messages = version % 3 == 2 ? [Mark(version, to, NowMinutes + MessageMark.LifetimeMinutesMax), Mark(version, to + 100, MessageMark.Forever)] : [],
    };

    /// <summary>By what a customer is found whose newest change is to this version: the same for some versions, none for others.</summary>
    public static (string Trait, string Value)[] TraitsOf(long version, int? segment)
    {
        var turn = (int)(version / 2 % 7) - 1;
        return segment is null or CustomerRecord.OutsideSegmentId || turn < 0 || turn >= Traits.Length ? [] : [Traits[turn], Traits[(turn + 2) % Traits.Length]];
    }

    /// <summary>The first write of each of a number of customers, all in one segment.</summary>
    public static IEnumerable<CustomerChange> First(int count, int segment = 1, string prefix = "c:", long? due = null, int size = 40) =>
        Enumerable.Range(0, count).Select(number => Of($"{prefix}{number:d6}", 1, null, segment, due, size));

    private static MessageMark Mark(long version, int number, uint untilMinutes) => new(((ulong)version << 32) | (uint)number, untilMinutes);

    private static byte[] State(string id, long version, int size)
    {
        var seed = (int)version;
        foreach (var character in id)
        {
            seed = (seed * 31) + character;
        }

        var state = new byte[size];
        new Random(seed).NextBytes(state);
        return state;
    }
}
