using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class CrashTests : IDisposable
{
    private const int Customers = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, CustomerRecord> _acknowledged = [];
    private readonly Random _random = new(4711);

    public static TheoryData<string> Steps => [.. Enum.GetNames<StoreStep>()];

    public void Dispose() => _folder.Dispose();

    // The test is the only caller and waits for each answer, so one thread of the store moves at a time and a copy taken inside
    // a step is what a kill at that step leaves.
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task After_a_kill_at_any_step_every_acknowledged_change_is_there_and_totals_equal_rows(string killedAt)
    {
        var copies = new List<(TemporaryFolder Folder, Dictionary<string, CustomerRecord> Acknowledged)>();
        void Kill(StoreStep step)
        {
            if (step.ToString() == killedAt)
            {
                lock (_acknowledged)
                {
                    copies.Add((_folder.Copy(), new Dictionary<string, CustomerRecord>(_acknowledged)));
                }
            }
        }

        await using (var run = await StoreRun.OpenAsync(_folder, options => options.JournalFileBytes = 65_536, Kill))
        {
            // Enough for several files of the journal, so that some are used again.
            for (var round = 0; round < 6; round++)
            {
                await WriteAsync(run, 16);
                await run.MergeAsync();
                await WriteAsync(run, 2);
            }

            // A step inside the rows of a merge needs a merge of that many.
            await run.CommitAllAsync(Enumerable.Range(0, 2_100).Select(number => StoreRun.Change($"d:{number:d5}", 1, null, 3)));
            await run.MergeAsync();
        }

        Assert.NotEmpty(copies);
        foreach (var (folder, acknowledged) in copies)
        {
            using (folder)
            {
                await AssertRecoveredAsync(folder, acknowledged);
            }
        }
    }

    [Fact]
    public async Task A_commit_that_was_durable_and_not_yet_acknowledged_is_there_whole_or_not_at_all()
    {
        TemporaryFolder? copy = null;
        await using (var run = await StoreRun.OpenAsync(_folder, fault: step => copy ??= step == StoreStep.CommitDurable ? _folder.Copy() : null))
        {
            await run.CommitAsync("c:1", 1, null, 4, due: 77);
        }

        using var killed = copy!;
        await using var again = await StoreRun.OpenAsync(killed);
        Assert.Equal(1, again.Customers.Totals.SizeOf(4));
        Assert.Equal("c:1", Assert.Single(await again.TransitionsAsync()).CustomerId);
        Assert.Equal(new DueCustomer("c:1", 1, 77), Assert.Single(await again.DueAsync(100)));
        await again.VerifyAsync();
    }

    [Fact]
    public async Task A_store_survives_being_killed_again_and_again_without_ever_merging()
    {
        var folder = _folder.Copy();
        for (var life = 0; life < 5; life++)
        {
            TemporaryFolder? next = null;
            await using (var run = await StoreRun.OpenAsync(folder))
            {
                await WriteAsync(run, 10);
                next = folder.Copy();
            }

            folder.Dispose();
            folder = next;
        }

        using (folder)
        {
            await AssertRecoveredAsync(folder, _acknowledged);
        }
    }

    private async Task WriteAsync(StoreRun run, int changes)
    {
        for (var left = changes; left > 0; left--)
        {
            var id = $"c:{_random.Next(Customers)}";
            var before = _acknowledged.GetValueOrDefault(id);
            var change = StoreRun.Change(id, (before?.Version ?? 0) + 1, before?.SegmentId, _random.Next(4), due: _random.Next(1000));
            Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(change));
            lock (_acknowledged)
            {
                _acknowledged[id] = change.Record;
            }
        }
    }

    private static async Task AssertRecoveredAsync(TemporaryFolder folder, Dictionary<string, CustomerRecord> acknowledged)
    {
        await using var run = await StoreRun.OpenAsync(folder);
        foreach (var (id, record) in acknowledged)
        {
            var found = await run.ReadAsync(id);
            Assert.NotNull(found);
            Assert.True(found.Version >= record.Version, $"{id} was acknowledged at version {record.Version} and came back at {found.Version}");
            if (found.Version == record.Version)
            {
                AssertSame(record, found);
            }
        }

        var transitions = await run.TransitionsAsync();
        Assert.Equal(transitions.Length, transitions.Select(transition => transition.Sequence).Distinct().Count());
        var last = transitions.GroupBy(transition => transition.CustomerId).ToDictionary(group => group.Key, group => group.Last().ToSegmentId);
        Assert.Equal(run.Customers.Totals.Population, last.Count);
        Assert.Equal(run.Customers.Totals.SizeBySegmentId.OrderBy(size => size.Key), last.Values.CountBy(segment => segment)
            .Select(size => KeyValuePair.Create(size.Key, (long)size.Value)).OrderBy(size => size.Key));
        await AssertHistoriesAsync(run, transitions);
        await run.MergeAsync();
        await AssertHistoriesAsync(run, transitions);
        await run.VerifyAsync();
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:after", 1, null, 1));
    }

    // Each customer's history is a chain through the log, which a merge that was begun before the kill may have written in part.
    private static async Task AssertHistoriesAsync(StoreRun run, Transition[] transitions)
    {
        foreach (var history in transitions.GroupBy(transition => transition.CustomerId).Where(history => history.Key[0] == 'c'))
        {
            Assert.Equal(history.Reverse(), await run.Customers.ReadHistoryAsync(history.Key, 1_000, CancellationToken.None));
        }
    }

    private static void AssertSame(CustomerRecord expected, CustomerRecord actual)
    {
        Assert.Equal(expected.State, actual.State);
        Assert.Equal(expected with { State = actual.State }, actual);
    }
}
