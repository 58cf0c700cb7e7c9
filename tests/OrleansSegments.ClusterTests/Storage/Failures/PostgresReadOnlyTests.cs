using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Failures;

/// <summary>A read-only database, like a standby, or one that an administrator has closed for writing.</summary>
public sealed class PostgresReadOnlyTests(OwnServer own) : IClassFixture<OwnServer>
{
    private const string Cure = "name the primary";

    // The server's setting affects open sessions; the database's only new ones, so the lanes must reconnect.
    [Theory]
    [InlineData("ALTER SYSTEM SET default_transaction_read_only = on", "ALTER SYSTEM RESET default_transaction_read_only")]
    [InlineData("ALTER DATABASE postgres SET default_transaction_read_only = on", "ALTER DATABASE postgres RESET default_transaction_read_only")]
    public async Task A_read_only_database_refuses_changes_with_an_explanation_and_accepts_them_again_by_itself(string close, string open)
    {
        await using var place = new PostgresPlace(own.Server);
        await using var run = await place.OpenAsync();
        await run.CommitAllAsync(SampleChange.First(5));
        await own.Server.QueryAsync(close);
        try
        {
            await own.Server.QueryAsync(
                $"SELECT pg_reload_conf(); SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '{place.Schema}-%'");
            await Condition.HoldsAsync(
                "changes are refused", async () => await run.CommitAsync("c:more", 1, null, 1) == CommitOutcome.Unavailable || await run.ReadAsync("c:more") is null);
            Assert.False(run.Customers.Health.Writable);
            Assert.Contains(Cure, run.Customers.Health.Problem, StringComparison.Ordinal);
            Assert.Equal(5, (await run.ScanAsync()).Count);
            await Assert.ThrowsAsync<StoreException>(async () =>
                await run.Control.TryWriteAsync("model", "current", 0, new byte[] { 1 }, CancellationToken.None));

            await using var other = new PostgresPlace(own.Server);
            Assert.Contains(Cure, (await Assert.ThrowsAsync<StoreException>(() => other.OpenAsync())).Message, StringComparison.Ordinal);
        }
        finally
        {
            await own.Server.QueryAsync($"SET default_transaction_read_only = off; {open}; SELECT pg_reload_conf()");
        }

        await Condition.HoldsAsync("the store takes changes again", () => run.Customers.Health is { Writable: true, Problem: null }, () => run.Customers.Health.ToString());
        await run.CommitAllAsync([SampleChange.Of("c:more", 1, null, 1)]);
        Assert.True(await run.Control.TryWriteAsync("model", "current", 0, new byte[] { 1 }, CancellationToken.None));
        Assert.Equal(6, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }
}
