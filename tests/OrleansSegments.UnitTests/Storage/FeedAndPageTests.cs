using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Transitions;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class FeedAndPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_transition_carries_what_the_change_said()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.Customers.CommitAsync(StoreRun.Change("c:1", 1, null, 4) with { Cause = TransitionCause.Consent });
        var expected = new Transition(1, "c:1", null, 4, TransitionCause.Consent, 3, StoreRun.Now + 1);

        Assert.Equal(expected, Assert.Single(await run.TransitionsAsync()));
        await run.MergeAsync();
        Assert.Equal(expected, Assert.Single(await run.TransitionsAsync()));
        Assert.Equal(expected, Assert.Single(await run.Customers.ReadHistoryAsync("c:1", 9, CancellationToken.None)));
    }

    [Fact]
    public async Task A_cursor_sees_every_transition_once_while_writers_and_merges_go_on()
    {
        const int Writers = 8;
        const int Versions = 150;
        await using var run = await StoreRun.OpenAsync(_folder);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var version = 1; version <= Versions; version++)
            {
                Assert.Equal(
                    CommitOutcome.Committed, await run.CommitAsync($"c:{writer}", version, version == 1 ? null : version - 1, version));
                if (version % 40 == writer)
                {
                    await run.MergeAsync();
                }
            }
        })));

        var seen = new List<Transition>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (seen.Count < Writers * Versions)
        {
            var after = seen.Count == 0 ? 0 : seen[^1].Sequence;
            await run.Customers.WaitForTransitionsAsync(after, patience.Token);
            seen.AddRange(await run.TransitionsAsync(after, 37));
        }

        await writing;
        Assert.Equal(Enumerable.Range(1, Writers * Versions).Select(number => (long)number), seen.Select(transition => transition.Sequence));
        foreach (var customer in seen.GroupBy(transition => transition.CustomerId))
        {
            Assert.Equal(Enumerable.Range(1, Versions), customer.Select(transition => transition.ToSegmentId));
        }
    }

    [Fact]
    public async Task Waiting_for_transitions_ends_with_the_next_move_and_not_with_a_change_that_moves_nobody()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 4);
        var waiting = run.Customers.WaitForTransitionsAsync(1, CancellationToken.None).AsTask();

        await run.CommitAsync("c:1", 2, 4, 4);
        Assert.False(waiting.IsCompleted);
        await run.CommitAsync("c:1", 3, 4, 5);
        await waiting.WaitAsync(TimeSpan.FromSeconds(60));

        using var cancelled = new CancellationTokenSource();
        var endless = run.Customers.WaitForTransitionsAsync(2, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
    }

    [Fact]
    public async Task Paging_through_members_while_customers_move_shows_each_who_stays_exactly_once()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAllAsync(Enumerable.Range(0, 400).Select(number => StoreRun.Change($"c:{number:d3}", 1, null, 1)));
        await run.MergeAsync();

        var seen = new List<string>();
        var versions = new int[400];
        for (var page = await run.MembersAsync(1, null, 30); page.Length > 0; page = await run.MembersAsync(1, seen[^1], 30))
        {
            seen.AddRange(page);

            // Every fourth customer leaves or comes back between two pages, on both sides of the cursor.
            await run.CommitAllAsync(Enumerable.Range(0, 100).Select(turn =>
            {
                var number = turn * 4;
                var at = ++versions[number];
                return StoreRun.Change($"c:{number:d3}", at + 1, at % 2 == 1 ? 1 : 2, at % 2 == 1 ? 2 : 1);
            }));
            if (seen.Count % 90 == 0)
            {
                await run.MergeAsync();
            }
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
        var stayed = Enumerable.Range(0, 400).Where(number => number % 4 != 0).Select(number => $"c:{number:d3}");
        Assert.Empty(stayed.Except(seen));
    }

    // Reads run inside every step of a merge: whatever is half moved, they must see each customer once and in its newest state.
    [Fact]
    public async Task Reads_in_the_middle_of_a_merge_see_everything_once()
    {
        StoreRun? run = null;
        var failures = new List<string>();
        var looks = 0;
        void Look(StoreStep step)
        {
            if (run is not null && step is StoreStep.MergeStarted or StoreStep.MergePartWritten or StoreStep.MergeWritten
                or StoreStep.MergeDurable or StoreStep.MergeReleased)
            {
                looks++;
                var scanned = run!.Customers.ScanAsync(null, 1000, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                var members = run.MembersAsync(2).GetAwaiter().GetResult();
                var due = run.DueAsync(1000).GetAwaiter().GetResult();
                var transitions = run.TransitionsAsync().GetAwaiter().GetResult();
                if (scanned.Count != 100 || scanned.Any(customer => customer.Record.Version != 2) || members.Length != 100
                    || due.Length != 100 || due.Any(customer => customer.DueAtMilliseconds < 500) || transitions.Length != 200)
                {
                    failures.Add($"{step}: {scanned.Count} {members.Length} {due.Length} {transitions.Length}");
                }
            }
        }

        var opened = await StoreRun.OpenAsync(_folder, fault: Look);
        await opened.CommitAllAsync(Enumerable.Range(0, 100).Select(number => StoreRun.Change($"c:{number}", 1, null, 1, due: number)));
        await opened.MergeAsync();
        await opened.CommitAllAsync(Enumerable.Range(0, 100).Select(number => StoreRun.Change($"c:{number}", 2, 1, 2, due: 500 + number)));
        run = opened;
        await run.MergeAsync();

        Assert.Empty(failures);
        Assert.Equal(5, looks);
        await run.DisposeAsync();
    }

    [Fact]
    public async Task The_earliest_deadline_follows_a_customer_whose_deadline_moved_later()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 1, due: 100);
        await run.CommitAsync("c:2", 1, null, 1, due: 900);
        Assert.Equal(100, run.Customers.EarliestDeadlineMilliseconds);
        await run.MergeAsync();

        await run.CommitAsync("c:1", 2, 1, 1, due: 500);
        await run.MergeAsync();
        Assert.True(run.Customers.EarliestDeadlineMilliseconds <= 500);
        Assert.Empty(await run.DueAsync(400));
        Assert.Equal(500, run.Customers.EarliestDeadlineMilliseconds);

        await run.MergeAsync();
        Assert.Equal(["c:1", "c:2"], (await run.DueAsync(1000)).Select(customer => customer.CustomerId));
    }

    [Fact]
    public async Task A_deadline_moves_without_a_new_version_and_not_for_a_customer_who_moved_on()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAllAsync(Enumerable.Range(0, 10_000).Select(number => StoreRun.Change($"c:{number:d4}", 1, null, 1, due: 50)));
        await run.MergeAsync();
        await run.CommitAsync("c:0001", 2, 1, 1, due: 60);

        await run.Customers.UpdateDeadlinesAsync(
            [.. Enumerable.Range(0, 10_000).Select(number => new DeadlineUpdate($"c:{number:d4}", 1, 70))], CancellationToken.None);

        Assert.Equal(new DueCustomer("c:0001", 2, 60), Assert.Single(await run.DueAsync(69)));
        Assert.Equal(1, (await run.ReadAsync("c:0002"))!.Version);
        await run.MergeAsync();
        Assert.Equal(10_000, (await run.DueAsync(70, 20_000)).Length);
        Assert.Equal("c:0001", (await run.DueAsync(70, 1))[0].CustomerId);
    }
}
