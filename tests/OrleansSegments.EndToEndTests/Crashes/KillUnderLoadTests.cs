using System.Diagnostics;
using System.Globalization;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>
/// A silo killed under load loses nothing acknowledged, counts nothing twice, counts every customer once, and ends in the same state as a
/// silo that was never killed.
/// </summary>
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
    public Task While_a_killed_postgresql_server_is_down_callers_get_Retry_After_and_the_silo_recovers_by_itself() =>
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

/// <summary>The stores of the crash tests, by their names for <c>up --store</c>.</summary>
internal static class CrashStores
{
    public const string Embedded = "embedded";
    public const string Postgresql = "postgresql";

    /// <summary>Skips the test, with the reason, when the store is not available on this machine.</summary>
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
