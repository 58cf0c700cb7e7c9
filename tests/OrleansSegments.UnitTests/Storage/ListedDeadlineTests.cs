using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

/// <summary>Commits leave a customer's entry in the deadline index unchanged when the deadline moves later; reading corrects it.</summary>
public sealed class ListedDeadlineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_customer_listed_too_early_is_not_due_and_its_entry_is_corrected_when_read()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAsync("c:1", 1, null, 1, due: 100);
        await run.CommitAsync("c:1", 2, 1, 1, due: 900);
        await run.CommitAsync("c:2", 1, null, 1, due: 200);
        await run.CommitAsync("c:2", 2, 1, 1, due: null);

        Assert.Equal(100, run.Customers.EarliestDeadlineMilliseconds);
        Assert.Empty(await run.DueAsync(500));
        await Condition.HoldsAsync("both are mended", async () =>
        {
            await run.DueAsync(500);
            return run.Customers.EarliestDeadlineMilliseconds == 900;
        });
        Assert.Equal([new DueCustomer("c:1", 2, 900)], await run.DueAsync(900));
        await run.VerifyAsync();
    }

    // Everybody's deadline moves, as with a new model: more entries than one read corrects.
    [Fact]
    public async Task A_due_customer_is_found_behind_any_number_of_entries_that_are_too_early()
    {
        const int Customers = (2 * DueReads.ListedEarlyMax) + 10;
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAllAsync(Enumerable.Range(0, Customers).Select(number => StoreRun.Change($"c:{number}", 1, null, 1, due: number)));
        await run.CommitAsync("d:1", 1, null, 1, due: Customers);
        await run.Customers.UpdateDeadlinesAsync(
            [.. Enumerable.Range(0, Customers).Select(number => new DeadlineUpdate($"c:{number}", 1, 10 * Customers))], CancellationToken.None);

        Assert.Equal([new DueCustomer("d:1", 1, Customers)], await run.DueAsync(Customers));
        await run.VerifyAsync();
    }
}
