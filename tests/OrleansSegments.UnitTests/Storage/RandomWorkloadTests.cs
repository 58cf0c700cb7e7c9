using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class RandomWorkloadTests
{
    private const int Steps = 120;

    // A plain dictionary is the oracle: after every step, whatever is merged or not, the store must say the same.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_store_agrees_with_a_dictionary_after_every_step(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var model = new SortedDictionary<string, (CustomerRecord Record, long? Due)>(StringComparer.Ordinal);
        var log = new List<(string Id, int? From, int To)>();
        var run = await StoreRun.OpenAsync(folder);
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(10))
            {
                case 0:
                    await run.MergeAsync();
                    break;
                case 1:
                    await run.DisposeAsync();
                    run = await StoreRun.OpenAsync(folder);
                    break;
                case 2:
                    await MoveDeadlinesAsync(run, model, random);
                    break;
                default:
                    await ChangeAsync(run, model, log, random);
                    break;
            }

            await AssertSameAsync(run, model, log, random, $"seed {seed}, step {step}");
        }

        await run.VerifyAsync();
        await AssertSameAsync(run, model, log, random, $"seed {seed}, after verifying");
        await run.DisposeAsync();
    }

    private static async Task ChangeAsync(
        StoreRun run, SortedDictionary<string, (CustomerRecord Record, long? Due)> model, List<(string Id, int? From, int To)> log, Random random)
    {
        var changes = new List<CustomerChange>();
        for (var left = random.Next(1, 20); left > 0; left--)
        {
            var id = $"c:{random.Next(60)}";
            CustomerRecord? before = model.TryGetValue(id, out var known) ? known.Record : null;
            var to = before is not null && random.Next(2) == 0 ? before.SegmentId : random.Next(4);
            long? due = random.Next(3) == 0 ? null : random.Next(200);
            var change = StoreRun.Change(id, (before?.Version ?? 0) + 1, before?.SegmentId, to, due);
            if (before?.SegmentId != to)
            {
                log.Add((id, before?.SegmentId, to));
            }

            model[id] = (change.Record, due);
            changes.Add(change);
        }

        await run.CommitAllAsync(changes);
    }

    private static async Task MoveDeadlinesAsync(
        StoreRun run, SortedDictionary<string, (CustomerRecord Record, long? Due)> model, Random random)
    {
        var updates = new List<DeadlineUpdate>();
        foreach (var (id, (record, _)) in model.ToArray())
        {
            var isStale = random.Next(4) == 0;
            long? due = random.Next(3) == 0 ? null : random.Next(200);
            updates.Add(new DeadlineUpdate(id, isStale ? record.Version - 1 : record.Version, due));
            if (!isStale)
            {
                model[id] = (record, due);
            }
        }

        updates.Add(new DeadlineUpdate("c:nobody", 1, 5));
        await run.Customers.UpdateDeadlinesAsync(updates, CancellationToken.None);
    }

    private static async Task AssertSameAsync(
        StoreRun run,
        SortedDictionary<string, (CustomerRecord Record, long? Due)> model,
        List<(string Id, int? From, int To)> log,
        Random random,
        string moment)
    {
        var scanned = await ScanAsync(run, random.Next(1, 30));
        Assert.True(model.Keys.SequenceEqual(scanned.Select(customer => customer.CustomerId)), $"Scan differs ({moment}).");
        Assert.True(
            model.Values.Select(customer => customer.Record.Version).SequenceEqual(scanned.Select(customer => customer.Record.Version)),
            $"Versions differ ({moment}).");

        var totals = run.Customers.Totals;
        Assert.True(totals.Population == model.Count, $"Population {totals.Population}, {model.Count} expected ({moment}).");
        for (var segment = 0; segment < 4; segment++)
        {
            var expected = model.Where(customer => customer.Value.Record.SegmentId == segment).Select(customer => customer.Key).ToArray();
            Assert.True(totals.SizeOf(segment) == expected.Length, $"Size of {segment} differs ({moment}).");
            Assert.True(expected.SequenceEqual(await MembersAsync(run, segment, random.Next(1, 9))), $"Members of {segment} differ ({moment}).");
        }

        var until = random.Next(200);
        var due = model.Where(customer => customer.Value.Due <= until)
            .Select(customer => new DueCustomer(customer.Key, customer.Value.Record.Version, customer.Value.Due!.Value))
            .OrderBy(customer => customer.DueAtMilliseconds).ThenBy(customer => customer.CustomerId, StringComparer.Ordinal).ToArray();
        var limit = random.Next(1, 40);
        Assert.True(due.Take(limit).SequenceEqual(await run.DueAsync(until, limit)), $"Due until {until} differ ({moment}).");
        var earliest = model.Values.Min(customer => customer.Due);
        Assert.True(
            earliest is null || run.Customers.EarliestDeadlineMilliseconds <= earliest,
            $"Earliest deadline {run.Customers.EarliestDeadlineMilliseconds} is later than {earliest} ({moment}).");

        var transitions = await TransitionsAsync(run, random.Next(1, 50));
        Assert.True(
            log.SequenceEqual(transitions.Select(transition => (transition.CustomerId, transition.FromSegmentId, transition.ToSegmentId))),
            $"Transitions differ ({moment}).");
        var history = await run.Customers.ReadHistoryAsync("c:7", 5, CancellationToken.None);
        Assert.True(
            transitions.Where(transition => transition.CustomerId == "c:7").Reverse().Take(5).SequenceEqual(history), $"History differs ({moment}).");
    }

    private static async Task<List<StoredCustomer>> ScanAsync(StoreRun run, int limit)
    {
        var all = new List<StoredCustomer>();
        while (await run.Customers.ScanAsync(all.Count == 0 ? null : all[^1].CustomerId, limit, CancellationToken.None) is { Count: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }

    private static async Task<List<string>> MembersAsync(StoreRun run, int segment, int limit)
    {
        var all = new List<string>();
        while (await run.MembersAsync(segment, all.Count == 0 ? null : all[^1], limit) is { Length: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }

    private static async Task<List<Transition>> TransitionsAsync(StoreRun run, int limit)
    {
        var all = new List<Transition>();
        while (await run.TransitionsAsync(all.Count == 0 ? 0 : all[^1].Sequence, limit) is { Length: > 0 } page)
        {
            all.AddRange(page);
        }

        return all;
    }
}
