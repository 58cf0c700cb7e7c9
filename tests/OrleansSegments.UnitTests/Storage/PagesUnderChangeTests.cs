using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class PagesUnderChangeTests : IDisposable
{
    private const int Customers = 600;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_scan_sees_every_customer_once_while_they_change_and_memtables_are_flushed()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAllAsync(Enumerable.Range(0, Customers).Select(number => StoreRun.Change($"c:{number:d4}", 1, null, 1)));
        using var ending = new CancellationTokenSource();
        var changing = ChangeUntilAsync(run, ending.Token);

        for (var scan = 0; scan < 200; scan++)
        {
            var seen = new List<StoredCustomer>();
            while (await run.Customers.ScanAsync(seen.Count == 0 ? null : seen[^1].CustomerId, 100, CancellationToken.None) is { Count: > 0 } page)
            {
                seen.AddRange(page);
            }

            Assert.Equal(Enumerable.Range(0, Customers).Select(number => $"c:{number:d4}"), seen.Select(customer => customer.CustomerId));
            if (scan % 20 == 0)
            {
                run.Store.Flush();
            }
        }

        await ending.CancelAsync();
        await changing;
        await run.VerifyAsync();
    }

    private static Task ChangeUntilAsync(StoreRun run, CancellationToken ending) => Task.Run(
        async () =>
        {
            for (var version = 2; !ending.IsCancellationRequested; version++)
            {
                await run.CommitAllAsync(Enumerable.Range(0, Customers).Select(number => StoreRun.Change($"c:{number:d4}", version, 1, 1)));
            }
        },
        CancellationToken.None);
}
