using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class PagesUnderChangeTests : IDisposable
{
    private const int Customers = 600;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A customer in a generation that is being merged was changed while a page was put together, and then stood in neither layer or in two.
    [Fact]
    public async Task A_scan_sees_every_customer_once_while_they_change_and_merges_and_files_come_and_go()
    {
        await using var run = await StoreRun.OpenAsync(_folder, options => options.JournalFileBytes = 65_536);
        await run.CommitAllAsync(Enumerable.Range(0, Customers).Select(number => StoreRun.Change($"c:{number:d4}", 1, null, 1)));
        using var ending = new CancellationTokenSource();
        var changing = ChangeUntilAsync(run, ending.Token);
        var merging = MergeUntilAsync(run, ending.Token);

        for (var scan = 0; scan < 400; scan++)
        {
            var seen = new List<StoredCustomer>();
            while (await run.Customers.ScanAsync(seen.Count == 0 ? null : seen[^1].CustomerId, 1_000, CancellationToken.None) is { Count: > 0 } page)
            {
                seen.AddRange(page);
            }

            Assert.Equal(Enumerable.Range(0, Customers).Select(number => $"c:{number:d4}"), seen.Select(customer => customer.CustomerId));
            Assert.NotNull(await run.ReadAsync($"c:{scan:d4}"));
        }

        await ending.CancelAsync();
        await changing;
        await merging;
        await run.VerifyAsync();
    }

    private static Task ChangeUntilAsync(StoreRun run, CancellationToken ending) => Task.Run(
        async () =>
        {
            for (var version = 2; !ending.IsCancellationRequested; version++)
            {
                for (var start = 0; start < Customers; start += 100)
                {
                    var at = version;
                    await run.CommitAllAsync(Enumerable.Range(start, 100).Select(number => StoreRun.Change($"c:{number:d4}", at, 1, 1)));
                }
            }
        },
        CancellationToken.None);

    private static Task MergeUntilAsync(StoreRun run, CancellationToken ending) => Task.Run(
        async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                await run.MergeAsync();
            }
        },
        CancellationToken.None);
}
