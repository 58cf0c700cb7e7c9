using OrleansSegments.CrashTests.Clusters;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.EndToEndTests.Clusters;

/// <summary>The short version of <c>bench chaos</c>: real silos, a real database server, a separate API.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(ChaosMoment.SiloKilled)]
    [InlineData(ChaosMoment.RollingRestart)]
    [InlineData(ChaosMoment.StoreServerKilled)]
    public async Task A_cluster_under_load_loses_nothing_when(ChaosMoment moment)
    {
        Assert.SkipWhen(PostgresServer.Unavailable is not null, PostgresServer.Unavailable ?? "");
        var options = new ChaosOptions { Moments = [moment], Seed = 7, Customers = 200, BatchesMin = 30, Senders = 4 };

        ChaosRecord record = Assert.Single(await ChaosRun.RunAsync(options, output.WriteLine, TestContext.Current.CancellationToken));

        Assert.True(record.Findings.AreNone, $"{record}\n{record.Findings}");
        Assert.Equal(0, record.Unanswered);
        Assert.True(record.EventsAcknowledged > 0);
    }
}
