using System.Diagnostics;
using System.Globalization;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>A silo that is killed under load loses nothing acknowledged, counts nothing twice, counts everybody once, and ends where a silo ends that never was.</summary>
public sealed class KillUnderLoadTests(ITestOutputHelper output)
{
    /// <summary>Repeats the kills of an earlier run.</summary>
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("SEGMENTS_KILL_SEED"), CultureInfo.InvariantCulture, out int given)
        ? given
        : (int)(Stopwatch.GetTimestamp() & 0xffff);

    [Theory]
    [InlineData(CrashStores.Embedded)]
    [InlineData(CrashStores.Postgresql)]
    public Task Three_kills_lose_nothing_and_count_nothing_twice(string store) =>
        RunAsync(store, KillMoment.Load, KillMoment.Training, KillMoment.Rollout);

    [Fact]
    public Task A_killed_postgresql_server_turns_callers_away_politely_and_the_silo_recovers_by_itself() =>
        RunAsync(CrashStores.Postgresql, KillMoment.StoreServer);

    private async Task RunAsync(string name, params KillMoment[] moments)
    {
        await using ICrashStore store = await CrashStores.StartOrSkipAsync(name);
        var options = new CrashRunOptions { Moments = moments, Seed = _seed, CompareEvery = moments.Length };
        CrashReport report = await CrashRun.RunAsync(options, store, output.WriteLine, TestContext.Current.CancellationToken);
        Assert.True(report.Findings.AreNone, $"SEGMENTS_KILL_SEED={_seed} repeats the kills. {report}");
        Assert.Equal(moments, report.Kills.Select(kill => kill.Moment));
        Assert.True(report.Kills[^1].WasCompared);
    }
}

/// <summary>The stores that crash tests run on, by the names that <c>up --store</c> has for them.</summary>
internal static class CrashStores
{
    public const string Embedded = "embedded";
    public const string Postgresql = "postgresql";

    /// <summary>Skips the test, and says why, where there is no such store on this machine.</summary>
    public static async Task<ICrashStore> StartOrSkipAsync(string name)
    {
        if (name == Embedded)
        {
            return new EmbeddedCrashStore();
        }

        if (PostgresCrashStore.Unavailable is { } problem)
        {
            Assert.Skip(problem);
        }

        return await PostgresCrashStore.StartAsync();
    }
}
