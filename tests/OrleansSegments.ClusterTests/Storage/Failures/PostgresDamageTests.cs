using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Failures;

/// <summary>
/// A server with damaged files: the damage is reported with the cure, nothing that cannot be stored is acknowledged, and a repair is
/// noticed.
/// </summary>
public sealed class PostgresDamageTests(OwnServer own) : IClassFixture<OwnServer>
{
    private const string Cure = "The database is damaged: restore it from a copy";

    [Fact]
    public async Task A_damaged_table_is_named_with_the_cure_and_accepts_changes_again_once_it_is_restored()
    {
        await using var place = new PostgresPlace(own.Server);
        string file;
        await using (var run = await place.OpenAsync())
        {
            await run.CommitAllAsync(SampleChange.First(20));
            await place.QueryAsync("CHECKPOINT");
            file = Path.Combine(own.Server.Folder, "data", (await place.QueryAsync("SELECT pg_relation_filepath('customers')")).Split('\n')[^2]);
        }

        var sound = await DamageAsync(file);
        await using var damaged = await place.OpenAsync();
        var refusal = await Assert.ThrowsAsync<StoreException>(async () => await damaged.ReadAsync("c:000003"));
        Assert.Contains(Cure, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(CommitOutcome.Unavailable, await damaged.CommitAsync("c:000003", 2, 1, 5));

        await own.Server.StopAsync();
        await File.WriteAllBytesAsync(file, sound);
        await own.Server.StartAgainAsync();
        await Condition.HoldsAsync("the store takes changes again", () => damaged.Customers.Health is { Writable: true, Problem: null }, () => damaged.Customers.Health.ToString());
        await damaged.CommitAllAsync([SampleChange.Of("c:000003", 2, 1, 5)]);
        await damaged.VerifyAsync();
    }

    /// <summary>Overwrites the whole table file while the server is down; returns its original content.</summary>
    private async Task<byte[]> DamageAsync(string file)
    {
        await own.Server.StopAsync();
        var sound = await File.ReadAllBytesAsync(file);
        var broken = new byte[sound.Length];
        Array.Fill<byte>(broken, 0xA5);
        await File.WriteAllBytesAsync(file, broken);
        await own.Server.StartAgainAsync();
        return sound;
    }
}
