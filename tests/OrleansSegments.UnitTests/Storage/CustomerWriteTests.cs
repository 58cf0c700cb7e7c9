using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class CustomerWriteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reading_an_empty_store_finds_nothing()
    {
        await using var run = await StoreRun.OpenAsync(_folder);

        Assert.Null(await run.ReadAsync("c:nobody"));
        Assert.Empty(await run.MembersAsync(1));
        Assert.Empty(await run.DueAsync(long.MaxValue));
        Assert.Empty(await run.TransitionsAsync());
        Assert.Empty(await run.Customers.ScanAsync(null, 10, CancellationToken.None));
        Assert.Empty(await run.Customers.ReadHistoryAsync("c:nobody", 10, CancellationToken.None));
        Assert.Null(run.Customers.EarliestDeadlineMilliseconds);
        Assert.Equal(0, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_written_customer_is_read_back_whole_unmerged_and_merged(bool isMerged)
    {
        var change = StoreRun.Change("c:1", 1, null, 5, due: StoreRun.Now + 9);
        await using var run = await StoreRun.OpenAsync(_folder);
        Assert.Equal(CommitOutcome.Committed, await run.Customers.CommitAsync(change));
        if (isMerged)
        {
            await run.MergeAsync();
            Assert.Equal(0, run.Customers.Health.ChangesUnmerged);
        }

        AssertSame(change.Record, await run.ReadAsync("c:1"));
        Assert.Equal(1, run.Customers.Totals.SizeOf(5));
        Assert.Equal(change.OccurredAtMilliseconds, run.Customers.Totals.LatestOccurredAtMilliseconds);
    }

    [Fact]
    public async Task A_state_of_no_bytes_and_one_larger_than_a_commit_are_read_back()
    {
        await using var run = await StoreRun.OpenAsync(_folder, options => options.CommitBytesMax = 4_096);
        var empty = StoreRun.Change("c:empty", 1, null, 1, size: 0);
        var large = StoreRun.Change("c:large", 1, null, 1, size: 300_000);
        await run.CommitAllAsync([empty, large]);
        await run.MergeAsync();

        AssertSame(empty.Record, await run.ReadAsync("c:empty"));
        AssertSame(large.Record, await run.ReadAsync("c:large"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stale_writer_is_refused_and_changes_nothing(bool isMerged)
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 1);
        await run.CommitAsync("c:1", 2, 1, 2);
        if (isMerged)
        {
            await run.MergeAsync();
        }

        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 1, null, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 2, 1, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 4, 2, 9));
        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:new", 2, 1, 9));

        Assert.Equal(2, (await run.ReadAsync("c:1"))!.SegmentId);
        Assert.Null(await run.ReadAsync("c:new"));
        Assert.Equal(0, run.Customers.Totals.SizeOf(9));
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_writer_who_counts_the_customer_in_another_segment_is_refused_because_the_totals_would_drift()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 1);

        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:1", 2, 7, 2));
        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:1", 2, 1, 2));
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Versions_are_checked_against_the_files_after_a_restart_and_after_forgetting()
    {
        await using (var first = await StoreRun.OpenAsync(_folder))
        {
            await first.CommitAllAsync(Enumerable.Range(0, 3_000).Select(number => StoreRun.Change($"c:{number}", 1, null, number % 3)));
        }

        await using var run = await StoreRun.OpenAsync(_folder, options => options.VersionsRememberedMax = 1_024);
        for (var round = 0; round < 2; round++)
        {
            var expected = round + 2;
            await run.CommitAllAsync(Enumerable.Range(0, 3_000).Select(number =>
                StoreRun.Change($"c:{number}", expected, (number + round) % 3, (number + round + 1) % 3)));
            Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:17", expected, (17 + round) % 3, 1));
        }

        Assert.Equal(CommitOutcome.Conflict, await run.CommitAsync("c:17", 1, null, 1));
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Of_two_writers_with_the_same_version_exactly_one_wins()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        for (var version = 1; version <= 50; version++)
        {
            int? from = version == 1 ? null : 0;
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer =>
                Task.Run(async () => await run.Customers.CommitAsync(StoreRun.Change("c:1", version, from, 0, due: writer)))));

            Assert.Equal(1, outcomes.Count(outcome => outcome == CommitOutcome.Committed));
            Assert.Equal(7, outcomes.Count(outcome => outcome == CommitOutcome.Conflict));
        }

        await run.VerifyAsync();
    }

    [Fact]
    public async Task Many_changes_of_one_customer_in_one_commit_leave_the_last_state_and_every_transition()
    {
        using var gate = new CommitGate();
        await using var run = await StoreRun.OpenAsync(_folder, fault: gate.Fault);
        var first = gate.HoldNextCommit();
        var opening = run.CommitAsync("c:other", 1, null, 0).AsTask();
        await first;

        var changes = Enumerable.Range(1, 100).Select(version => StoreRun.Change("c:1", version, version == 1 ? null : version - 1, version)).ToArray();
        var waiting = changes.Select(change => run.Customers.CommitAsync(change).AsTask()).ToArray();
        var stale = run.CommitAsync("c:1", 50, 49, 7).AsTask();
        gate.Open();

        Assert.Equal(CommitOutcome.Committed, await opening);
        Assert.All(await Task.WhenAll(waiting), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
        Assert.Equal(CommitOutcome.Conflict, await stale);
        Assert.Equal(2, run.Customers.Health.Commits);
        AssertSame(changes[^1].Record, await run.ReadAsync("c:1"));
        Assert.Equal(101, (await run.TransitionsAsync()).Length);
        Assert.Equal(1, run.Customers.Totals.SizeOf(100));
        Assert.Equal(2, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Any_unicode_id_of_up_to_255_characters_keeps_to_itself()
    {
        string[] ids = ["c:ä", "c:a\u0308", "c:\0", "c:\0x", "c:\uFFFD", "c:\U0001F600", "c:\uE000", new string('\u20AC', 255), "C:1", "c:1", "c:01"];
        await using (var run = await StoreRun.OpenAsync(_folder))
        {
            await run.CommitAllAsync(ids.Select((id, index) => StoreRun.Change(id, 1, null, index)));
        }

        await using var again = await StoreRun.OpenAsync(_folder);
        for (var index = 0; index < ids.Length; index++)
        {
            Assert.Equal(index, (await again.ReadAsync(ids[index]))!.SegmentId);
        }

        var scanned = (await again.Customers.ScanAsync(null, 100, CancellationToken.None)).Select(customer => customer.CustomerId);
        Assert.Equal(ids.Order(Comparer<string>.Create(CompareBytes)), scanned);
    }

    [Fact]
    public async Task An_unfit_id_is_an_error_of_the_caller()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        foreach (var id in new[] { "", new string('x', 256), "c:\uD83D", "c:\uDE00\uD83D" })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.CommitAsync(id, 1, null, 1));
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await run.ReadAsync(id));
        }
    }

    internal static void AssertSame(CustomerRecord expected, CustomerRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.State, actual.State);
        Assert.Equal(expected with { State = actual.State }, actual);
    }

    private static int CompareBytes(string? left, string? right) =>
        System.Text.Encoding.UTF8.GetBytes(left!).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right!));
}
