using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class VersionMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
}
