using OrleansSegments.Storage.Control;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class ControlStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_document_is_written_only_over_the_version_that_was_read()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        var control = run.Store.Control;

        Assert.Null(await control.ReadAsync("model", "current", CancellationToken.None));
        Assert.False(await WriteAsync(control, "current", 1, "x"));
        Assert.True(await WriteAsync(control, "current", 0, "one"));
        Assert.False(await WriteAsync(control, "current", 0, "again"));
        Assert.True(await WriteAsync(control, "current", 1, "two"));
        Assert.False(await WriteAsync(control, "current", 1, "late"));

        var document = await control.ReadAsync("model", "current", CancellationToken.None);
        Assert.Equal(2, document!.Version);
        Assert.Equal("two"u8.ToArray(), document.Content);
    }

    [Fact]
    public async Task A_document_is_removed_only_at_the_version_that_was_read()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        var control = run.Store.Control;

        Assert.True(await control.TryRemoveAsync("model", "current", 0, CancellationToken.None));
        await WriteAsync(control, "current", 0, "one");
        Assert.False(await control.TryRemoveAsync("model", "current", 0, CancellationToken.None));
        Assert.False(await control.TryRemoveAsync("model", "current", 2, CancellationToken.None));
        Assert.True(await control.TryRemoveAsync("model", "current", 1, CancellationToken.None));
        Assert.Null(await control.ReadAsync("model", "current", CancellationToken.None));
    }

    [Fact]
    public async Task Documents_of_a_kind_are_listed_by_key_and_survive_a_restart()
    {
        await using (var run = await StoreRun.OpenAsync(_folder))
        {
            foreach (var key in new[] { "b", "a", "c", "" })
            {
                Assert.True(await WriteAsync(run.Store.Control, key, 0, key));
            }

            await run.Store.Control.TryWriteAsync("other", "a", 0, new byte[] { 1 }, CancellationToken.None);
        }

        await using var again = await StoreRun.OpenAsync(_folder);
        var documents = await again.Store.Control.ReadAllAsync("model", CancellationToken.None);
        Assert.Equal(["", "a", "b", "c"], documents.Select(document => document.Key));
    }

    [Fact]
    public async Task Of_many_writers_of_one_version_exactly_one_wins()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        for (var version = 0; version < 10; version++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer =>
                Task.Run(() => WriteAsync(run.Store.Control, "current", version, $"{writer}"))));
            Assert.Equal(1, outcomes.Count(isWritten => isWritten));
        }
    }

    private static Task<bool> WriteAsync(IControlStateStore control, string key, long expectedVersion, string content) =>
        control.TryWriteAsync("model", key, expectedVersion, System.Text.Encoding.UTF8.GetBytes(content), CancellationToken.None).AsTask();
}
