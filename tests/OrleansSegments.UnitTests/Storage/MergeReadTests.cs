using OrleansSegments.Storage.Faults;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class MergeReadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
                var history = run.Customers.ReadHistoryAsync("c:7", 10, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                if (scanned.Count != 100 || scanned.Any(customer => customer.Record.Version != 2) || members.Length != 100
                    || due.Length != 100 || due.Any(customer => customer.DueAtMilliseconds < 500) || transitions.Length != 200
                    || history.Select(transition => transition.ToSegmentId).ToArray() is not [2, 1])
                {
                    failures.Add($"{step}: {scanned.Count} {members.Length} {due.Length} {transitions.Length} {history.Count}");
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
        // Begun, customers, transitions, the end, durable, released.
        Assert.Equal(6, looks);
        await run.DisposeAsync();
    }
}
