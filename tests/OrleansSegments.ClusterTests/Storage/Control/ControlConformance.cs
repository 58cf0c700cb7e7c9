using System.Text;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Control;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Control;

public abstract class ControlConformance : StoreTests
{
    [Fact]
    public async Task A_document_is_written_only_over_the_version_that_was_read()
    {
        await using var run = await Place.OpenAsync();
        var control = run.Control;

        Assert.Null(await control.ReadAsync("model", "current", CancellationToken.None));
        Assert.False(await WriteAsync(control, "current", 1, "x"));
        Assert.True(await WriteAsync(control, "current", 0, "one"));
        Assert.False(await WriteAsync(control, "current", 0, "again"));
        Assert.True(await WriteAsync(control, "current", 1, "two"));
        Assert.False(await WriteAsync(control, "current", 1, "late"));

        var document = await control.ReadAsync("model", "current", CancellationToken.None);
        Assert.Equal(("model", "current", 2L, "two"), (document!.Kind, document.Key, document.Version, Encoding.UTF8.GetString(document.Content)));
        Assert.Null(await control.ReadAsync("Model", "current", CancellationToken.None));
        Assert.Null(await control.ReadAsync("model", "current ", CancellationToken.None));
    }

    [Fact]
    public async Task A_document_is_removed_only_at_the_version_that_was_read()
    {
        await using var run = await Place.OpenAsync();
        var control = run.Control;

        Assert.True(await control.TryRemoveAsync("model", "current", 0, CancellationToken.None));
        Assert.False(await control.TryRemoveAsync("model", "current", 1, CancellationToken.None));
        await WriteAsync(control, "current", 0, "one");
        Assert.False(await control.TryRemoveAsync("model", "current", 0, CancellationToken.None));
        Assert.False(await control.TryRemoveAsync("model", "current", 2, CancellationToken.None));
        Assert.True(await control.TryRemoveAsync("model", "current", 1, CancellationToken.None));
        Assert.Null(await control.ReadAsync("model", "current", CancellationToken.None));
        Assert.True(await WriteAsync(control, "current", 0, "anew"));
        Assert.Equal(1, (await control.ReadAsync("model", "current", CancellationToken.None))!.Version);
    }

    [Fact]
    public async Task Documents_of_a_kind_are_listed_in_the_order_of_bytes_and_survive_a_restart()
    {
        string[] keys = ["", " ", "0", "10", "9", "A", "B", "a", "b", "e\u0301", "\u00E9", "\u05D0", "\uE000", "\uFFFD", "\U0001F600"];
        await using (var run = await Place.OpenAsync())
        {
            foreach (var key in keys.Reverse())
            {
                Assert.True(await WriteAsync(run.Control, key, 0, key));
            }

            await run.Control.TryWriteAsync("mode", "a", 0, new byte[] { 1 }, CancellationToken.None);
            await run.Control.TryWriteAsync("model2", "a", 0, new byte[] { 1 }, CancellationToken.None);
        }

        await using var again = await Place.OpenAsync();
        var documents = await again.Control.ReadAllAsync("model", CancellationToken.None);
        Assert.Equal(keys, documents.Select(document => document.Key));
        Assert.All(documents, document => Assert.Equal(document.Key, Encoding.UTF8.GetString(document.Content)));
        Assert.Empty(await again.Control.ReadAllAsync("nothing", CancellationToken.None));
    }

    [Fact]
    public async Task Contents_of_any_size_are_kept_to_the_byte()
    {
        await using var run = await Place.OpenAsync();
        var large = new byte[3_000_000];
        new Random(5).NextBytes(large);
        Assert.True(await run.Control.TryWriteAsync("model", "large", 0, large, CancellationToken.None));
        Assert.True(await run.Control.TryWriteAsync("model", "empty", 0, ReadOnlyMemory<byte>.Empty, CancellationToken.None));

        Assert.Equal(large, (await run.Control.ReadAsync("model", "large", CancellationToken.None))!.Content);
        Assert.Empty((await run.Control.ReadAsync("model", "empty", CancellationToken.None))!.Content);
    }

    [Fact]
    public async Task Of_many_writers_of_one_version_exactly_one_wins()
    {
        await using var run = await Place.OpenAsync();
        for (var version = 0; version < 10; version++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(writer =>
                Task.Run(() => WriteAsync(run.Control, "current", version, $"{writer}"))));
            Assert.Equal(1, outcomes.Count(isWritten => isWritten));
        }
    }

    private protected static Task<bool> WriteAsync(IControlStateStore control, string key, long expectedVersion, string content) =>
        control.TryWriteAsync("model", key, expectedVersion, Encoding.UTF8.GetBytes(content), CancellationToken.None).AsTask();
}

public sealed class EmbeddedControlTests : ControlConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => EmbeddedPlace.NewAsync();
}

public sealed class PostgresControlTests : ControlConformance
{
    private protected override Task<IStorePlace> NewPlaceAsync() => PostgresPlace.NewAsync();
}
