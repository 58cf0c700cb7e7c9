using System.Text.Json.Nodes;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Embedded;
using Xunit;

namespace OrleansSegments.UnitTests.Storage;

public sealed class BackupTests : IDisposable
{
    private const int Customers = 300;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _place = new();
    private readonly EmbeddedBackup _backups = new(DescribeAsync, static (_, _, _) => { }, new StillTime());

    private string Copy => _place["monday"];

    private string Restored => _place["restored"];

    public void Dispose()
    {
        _folder.Dispose();
        _place.Dispose();
    }

    [Fact]
    public async Task A_backup_of_a_running_store_has_everything_of_one_moment_and_restores_to_a_store_like_any_other()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        await run.CommitAllAsync(Round(1));
        await run.Store.Control.TryWriteAsync("model", "current", 0, new byte[] { 7 }, CancellationToken.None);
        using var ending = new CancellationTokenSource();
        var rounds = 1;
        var changing = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                await run.CommitAllAsync(Round(Volatile.Read(ref rounds) + 1));
                Interlocked.Increment(ref rounds);
            }
        });

        var before = Volatile.Read(ref rounds);
        var manifest = await _backups.MakeAsync(run.Store, Copy, CancellationToken.None);
        await ending.CancelAsync();
        await changing;
        Assert.Equal(manifest.Contents.ToJsonString(), (await RestoreAsync()).Contents.ToJsonString());
        await using var copy = await StoreRun.OpenAsync(Restored);

        await copy.VerifyAsync();
        Assert.Equal(Customers, copy.Customers.Totals.Population);
        Assert.InRange((await copy.ReadAsync("c:0000"))!.Version, before, rounds);
        Assert.Equal(copy.Customers.Totals.Sequence, (await copy.TransitionsAsync())[^1].Sequence);
        Assert.Equal([7], (await copy.Store.Control.ReadAsync("model", "current", CancellationToken.None))!.Content);
        var (versionHere, versionThere) = ((await run.ReadAsync("c:0001"))!.Version, (await copy.ReadAsync("c:0001"))!.Version);
        Assert.Equal(CommitOutcome.Committed, await copy.CommitAsync("c:0001", versionThere + 1, (int)versionThere - 1, 5));
        Assert.Equal(versionHere, (await run.ReadAsync("c:0001"))!.Version);
    }

    [Fact]
    public async Task A_folder_that_is_not_empty_is_left_alone_and_one_in_use_is_reported_as_in_use()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        var note = Path.Combine(Directory.CreateDirectory(Copy).FullName, "note");
        await File.WriteAllTextAsync(note, "mine");
        AssertSays("not empty", await Assert.ThrowsAsync<StoreException>(() => _backups.MakeAsync(run.Store, Copy, CancellationToken.None)));
        Assert.Equal([note], Directory.GetFileSystemEntries(Copy));

        File.Delete(note);
        await _backups.MakeAsync(run.Store, Copy, CancellationToken.None);
        AssertSays("in use by process", await Assert.ThrowsAsync<StoreException>(() => _backups.RestoreAsync(Copy, _folder.Path, CancellationToken.None)));
        await run.CommitAllAsync(Round(1));
    }

    [Theory]
    [InlineData("flipped", "damaged")]
    [InlineData("shortened", "damaged")]
    [InlineData("removed", "missing")]
    [InlineData("contents changed", "restores to")]
    [InlineData("manifest cut", "damaged")]
    [InlineData("manifest emptied", "damaged")]
    [InlineData("manifest removed", "is no backup")]
    [InlineData("file from elsewhere", "no data folder has")]
    [InlineData("newer", "newer program")]
    public async Task An_altered_backup_is_refused_and_nothing_of_it_stays(string how, string words)
    {
        await BackUpAsync();
        var manifest = Path.Combine(Copy, EmbeddedBackup.ManifestFile);
        var table = Directory.GetFiles(Path.Combine(Copy, "rocksdb"), "*.sst").MaxBy(file => new FileInfo(file).Length)!;
        var bytes = await File.ReadAllBytesAsync(table);
        Func<Task> damage = how switch
        {
            "flipped" => () => File.WriteAllBytesAsync(table, [.. bytes[..100], (byte)~bytes[100], .. bytes[101..]]),
            "shortened" => () => File.WriteAllBytesAsync(table, bytes[..^1]),
            "removed" => () => Task.Run(() => File.Delete(table)),
            "contents changed" => () => EditAsync(manifest, json => json["contents"]!["population"] = Customers - 1),
            "manifest cut" => async () => await File.WriteAllBytesAsync(manifest, (await File.ReadAllBytesAsync(manifest))[..^20]),
            "manifest emptied" => () => File.WriteAllTextAsync(manifest, "{}"),
            "manifest removed" => () => Task.Run(() => File.Delete(manifest)),
            "file from elsewhere" => () => EditAsync(manifest, json => json["files"]![0]!["name"] = "../store.format"),
            _ => () => EditAsync(manifest, json => json["format"] = 2),
        };
        await damage();

        AssertSays(words, await Assert.ThrowsAsync<StoreException>(RestoreAsync));
        Assert.Equal([Copy], Directory.GetFileSystemEntries(_place.Path));
    }

    [Fact]
    public async Task A_failed_or_cancelled_backup_or_restore_leaves_nothing()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        var broken = new EmbeddedBackup(static _ => throw new InvalidOperationException("half way"), static (_, _, _) => { }, new StillTime());
        await Assert.ThrowsAsync<InvalidOperationException>(() => broken.MakeAsync(run.Store, Copy, CancellationToken.None));
        using var stop = new CancellationTokenSource();
        var stopped = new EmbeddedBackup(DescribeAsync, (_, _, _) => stop.Cancel(), new StillTime());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.MakeAsync(run.Store, Copy, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_place.Path));

        await _backups.MakeAsync(run.Store, Copy, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => broken.RestoreAsync(Copy, Restored, CancellationToken.None));
        Assert.Equal([Copy], Directory.GetFileSystemEntries(_place.Path));
    }

    /// <summary>A killed process leaves the folder that it was filling.</summary>
    [Fact]
    public async Task A_killed_backup_s_partial_folder_is_replaced_and_a_foreign_folder_with_that_name_is_not()
    {
        var partial = Copy + EmbeddedBackup.PartialSuffix;
        Directory.CreateDirectory(partial);
        await File.WriteAllTextAsync(Path.Combine(partial, "letter"), "mine");
        AssertSays("was not made by a backup", await Assert.ThrowsAsync<StoreException>(BackUpAsync));
        Assert.True(File.Exists(Path.Combine(partial, "letter")));

        Directory.Delete(partial, recursive: true);
        await BackUpAsync();
        Directory.Move(Copy, partial);
        await BackUpAsync();
        Assert.Equal([Copy], Directory.GetFileSystemEntries(_place.Path));
        Assert.DoesNotContain(Directory.GetFiles(Copy), file => file.EndsWith(".lock", StringComparison.Ordinal));
        Assert.Equal(Customers, (await RestoreAsync()).Contents["population"]!.GetValue<long>());
    }

    /// <summary>Serving it would change its files, and the next restore would report damage.</summary>
    [Fact]
    public async Task A_backup_is_not_served()
    {
        await BackUpAsync();
        AssertSays("./segments restore", await Assert.ThrowsAsync<StoreException>(() => StoreRun.OpenAsync(Copy)));
        await RestoreAsync();
    }

    private static IEnumerable<CustomerChange> Round(int version) => Enumerable.Range(0, Customers)
        .Select(number => StoreRun.Change($"c:{number:d4}", version, version == 1 ? null : version - 2, version - 1, due: number));

    private static Task<JsonObject> DescribeAsync(IStore store) =>
        Task.FromResult(new JsonObject { ["population"] = store.Customers.Totals.Population, ["sequence"] = store.Customers.Totals.Sequence });

    private static void AssertSays(string words, StoreException refusal) => Assert.Contains(words, refusal.Message, StringComparison.Ordinal);

    private static async Task EditAsync(string file, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        edit(json);
        await File.WriteAllTextAsync(file, json.ToJsonString());
    }

    private async Task BackUpAsync()
    {
        await using var run = await StoreRun.OpenAsync(_folder);
        if (run.Customers.Totals.Population == 0)
        {
            await run.CommitAllAsync(Round(1));
        }

        await _backups.MakeAsync(run.Store, Copy, CancellationToken.None);
    }

    private Task<BackupManifest> RestoreAsync() => _backups.RestoreAsync(Copy, Restored, CancellationToken.None);
}
