using System.Text;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Oracles;

/// <summary>A simple in-memory store, used as the reference for all kinds of stores.</summary>
internal sealed class StoreOracle
{
    private static readonly IComparer<string> ByBytes = Comparer<string>.Create(
        (left, right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));

    private readonly SortedDictionary<string, List<CustomerChange>> _changes = new(ByBytes);
    private readonly Dictionary<string, long?> _due = [];

    public IReadOnlyCollection<string> CustomerIds => _changes.Keys;

    /// <summary>The stored version; 0 when there is none.</summary>
    public long VersionOf(string id) => _changes.TryGetValue(id, out var changes) ? changes.Count : 0;

    public CustomerRecord? RecordOf(string id) => _changes.TryGetValue(id, out var changes) ? changes[^1].Record : null;

    /// <summary>Applies a change like a store: committed if it follows the current record, otherwise a conflict.</summary>
    public CommitOutcome Commit(CustomerChange change)
    {
        if (change.Record.Version != VersionOf(change.CustomerId) + 1 || change.PreviousSegmentId != RecordOf(change.CustomerId)?.SegmentId)
        {
            return CommitOutcome.Conflict;
        }

        if (!_changes.TryGetValue(change.CustomerId, out var changes))
        {
            _changes.Add(change.CustomerId, changes = []);
        }

        changes.Add(change);
        _due[change.CustomerId] = change.DueAtMilliseconds;
        return CommitOutcome.Committed;
    }

    public void Update(DeadlineUpdate update)
    {
        if (update.Version == VersionOf(update.CustomerId) && update.Version > 0)
        {
            _due[update.CustomerId] = update.DueAtMilliseconds;
        }
    }

    /// <summary>
    /// Removes a customer's changes beyond a version: they were submitted, and the store was killed before they were durable.
    /// </summary>
    public void CutBack(string id, long version)
    {
        if (version == 0)
        {
            _changes.Remove(id);
            _due.Remove(id);
        }
        else if (version < VersionOf(id))
        {
            _changes[id].RemoveRange((int)version, _changes[id].Count - (int)version);
            _due[id] = _changes[id][^1].DueAtMilliseconds;
        }
    }

    /// <summary>Queries everything from the store and compares.</summary>
    /// <param name="random">Determines page sizes and samples.</param>
    /// <param name="moment">Seed and step, for the failure message.</param>
    public async Task AssertAgreesAsync(StoreRun run, Random random, string moment)
    {
        AssertTotals(run, moment);
        await AssertCustomersAsync(run, random, moment);
        await AssertDeadlinesAsync(run, random, moment);
        await AssertTransitionsAsync(run, random, moment);
        await AssertMessagesAsync(run, random, moment);
        await AssertTraitsAsync(run, random, moment);
        await run.VerifyAsync();
    }

    public void AssertTotals(StoreRun run, string moment)
    {
        var totals = run.Customers.Totals;
        var sizes = _changes.Values.Where(changes => changes[^1].Record.IsInPopulation).CountBy(changes => changes[^1].Record.SegmentId).ToDictionary(size => size.Key, size => (long)size.Value);
        Assert.True(
            sizes.OrderBy(size => size.Key).SequenceEqual(totals.SizeBySegmentId.OrderBy(size => size.Key)),
            $"Sizes are {Words(totals.SizeBySegmentId)}; {Words(sizes)} expected ({moment}).");
        Assert.True(totals.Population == sizes.Values.Sum(), $"Population {totals.Population}; {sizes.Values.Sum()} expected ({moment}).");
        var latest = _changes.Values.SelectMany(changes => changes).Select(change => change.OccurredAtMilliseconds).DefaultIfEmpty().Max();
        Assert.True(
            totals.LatestOccurredAtMilliseconds == latest,
            $"The latest change is of {totals.LatestOccurredAtMilliseconds}; {latest} expected ({moment}).");
    }

    private static string Words(IEnumerable<KeyValuePair<int, long>> sizes) =>
        string.Join(", ", sizes.OrderBy(size => size.Key).Select(size => $"{size.Key}: {size.Value}"));

    private async Task AssertCustomersAsync(StoreRun run, Random random, string moment)
    {
        var scanned = await run.ScanAsync(random.Next(1, 50));
        Assert.True(_changes.Keys.SequenceEqual(scanned.Select(customer => customer.CustomerId)), $"The scan differs ({moment}).");
        foreach (var (id, record, dueAt) in scanned)
        {
            Records.AssertSame(_changes[id][^1].Record, record, $"{id} in a scan, {moment}");
            Assert.True(_due[id] == dueAt, $"{id} is due at {_due[id]}, not at {dueAt} ({moment}).");
        }

        foreach (var id in _changes.Keys.Where(_ => random.Next(4) == 0).ToArray())
        {
            Records.AssertSame(_changes[id][^1].Record, await run.ReadAsync(id), $"{id} read alone, {moment}");
        }

        foreach (var segment in _changes.Values.Select(changes => changes[^1].Record).Where(record => record.IsInPopulation).Select(record => record.SegmentId).Distinct())
        {
            var members = _changes.Where(customer => customer.Value[^1].Record.SegmentId == segment).Select(customer => customer.Key);
            Assert.True(members.SequenceEqual(await run.MembersAsync(segment, random.Next(1, 20))), $"Members of {segment} differ ({moment}).");
        }
    }

    private async Task AssertDeadlinesAsync(StoreRun run, Random random, string moment)
    {
        var until = random.Next(250);
        var expected = _due.Where(due => due.Value <= until).Select(due => new DueCustomer(due.Key, VersionOf(due.Key), due.Value!.Value))
            .OrderBy(customer => customer.DueAtMilliseconds).ToArray();
        var limit = random.Next(1, 40);
        var found = await run.DueAsync(until, limit);

        // The order of customers due at the same moment is undefined.
        Assert.True(
            expected.Take(limit).Select(customer => customer.DueAtMilliseconds).SequenceEqual(found.Select(customer => customer.DueAtMilliseconds))
            && found.Distinct().Count() == found.Length && found.All(expected.Contains),
            $"Due until {until} are {found.Length}; {expected.Length} expected, at most {limit} ({moment}).");
        var earliest = _due.Values.Min();
        Assert.True(
            earliest is null || run.Customers.EarliestDeadlineMilliseconds <= earliest,
            $"The earliest deadline {run.Customers.EarliestDeadlineMilliseconds} is later than {earliest} ({moment}).");
    }

    private async Task AssertTransitionsAsync(StoreRun run, Random random, string moment)
    {
        var expected = _changes.ToDictionary(customer => customer.Key, customer => Moves(customer.Value));
        var count = expected.Values.Sum(moves => moves.Length);
        var feed = await run.FeedAsync(count, random.Next(1, 200));
        Assert.True(feed.Count == count, $"The log has {feed.Count} transitions; {count} expected ({moment}).");
        Assert.True(feed.Zip(feed.Skip(1)).All(pair => pair.First.Sequence < pair.Second.Sequence), $"The log is not in order ({moment}).");
        foreach (var customer in feed.GroupBy(transition => transition.CustomerId))
        {
            Assert.True(
                expected[customer.Key].SequenceEqual(customer.Select(transition => transition with { Sequence = 0 })),
                $"The transitions of {customer.Key} differ ({moment}).");
        }

        foreach (var id in _changes.Keys.Where(_ => random.Next(20) == 0).ToArray())
        {
            var newest = random.Next(1, 5);
            Assert.True(
                feed.Where(transition => transition.CustomerId == id).Reverse().Take(newest).SequenceEqual(await run.HistoryAsync(id, newest)),
                $"The history of {id} differs ({moment}).");
        }
    }

    /// <summary>Expects the message marks of committed changes and none of others.</summary>
    private async Task AssertMessagesAsync(StoreRun run, Random random, string moment)
    {
        foreach (var (id, changes) in _changes.Where(_ => random.Next(4) == 0).ToArray())
        {
            // Also asks for the messages of alternative changes and of the three that could follow.
            var possible = Enumerable.Range(1, changes.Count + 3).SelectMany(version => Enumerable.Range(-1, 9).Select(to => SampleChange.Of(id, version, 1, to)));
            ulong[] asked = [.. possible.SelectMany(change => change.Messages).Select(mark => mark.Key)];
            foreach (var now in (uint[])[SampleChange.NowMinutes, SampleChange.NowMinutes + MessageMark.LifetimeMinutesMax + 1])
            {
                var expected = changes.SelectMany(change => change.Messages).Where(mark => mark.UntilMinutes >= now).Select(mark => mark.Key).Order();
                var found = await run.MessagesAsync(id, asked, now);
                Assert.True(expected.SequenceEqual(found), $"The messages of {id} at minute {now} are {found.Length}; {expected.Count()} expected ({moment}).");
            }
        }
    }

    /// <summary>Expects that each value of a trait finds the customers whose newest records have it, and nobody else.</summary>
    private async Task AssertTraitsAsync(StoreRun run, Random random, string moment)
    {
        foreach (var trait in SampleChange.Traits)
        {
            var expected = _changes.Where(customer => SampleChange.TraitsOf(customer.Value.Count, customer.Value[^1].Record.SegmentId).Contains(trait)).Select(customer => customer.Key).ToArray();
            var found = await run.FindAsync(trait.Trait, trait.Value, random.Next(1, 20));
            Assert.True(
                expected.SequenceEqual(found),
                $"{trait} finds {found.Count}; {expected.Length} expected. Missing: {string.Join(", ", expected.Except(found))}; too many: {string.Join(", ", found.Except(expected))} ({moment}).");
        }
    }

    private static Transition[] Moves(List<CustomerChange> changes) =>
    [
        .. changes.Where(change => change.IsTransition).Select(change => new Transition(
            0,
            change.CustomerId,
            change.LeftSegmentId,
            change.Record.SegmentId,
            change.Cause,
            change.Record.ModelVersion,
            change.OccurredAtMilliseconds)),
    ];

}

/// <summary>Compares records by value.</summary>
internal static class Records
{
    public static void AssertSame(CustomerRecord expected, CustomerRecord? actual, string moment = "") => Assert.True(
        actual is not null && expected.State.AsSpan().SequenceEqual(actual.State) && expected with { State = actual.State } == actual,
        $"{actual} is there instead of {expected}. {moment}");
}
