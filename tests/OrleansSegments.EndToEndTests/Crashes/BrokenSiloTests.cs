using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>
/// Silos that are broken on purpose, each in one way that has happened to somebody: the checker must find out, and name what is broken. The
/// same executable with nothing broken must pass, or the findings would prove nothing.
/// </summary>
public sealed class BrokenSiloTests(ITestOutputHelper output)
{
    private const int Seed = 20_261;

    [Theory]
    [InlineData("early-answer", FindingKind.EventLost)]
    [InlineData("loose-totals", FindingKind.SizeWrong)]
    [InlineData("no-deduplication", FindingKind.EventCountedTwice)]
    public async Task A_silo_that_is_broken_in_one_way_is_found_out_for_just_that(string mutant, FindingKind expected)
    {
        CrashReport report = await RunAsync(mutant);
        Assert.True(report.Findings.Kinds.SequenceEqual([expected]), $"{expected} alone was expected. {report}");
    }

    [Fact]
    public async Task The_same_silo_with_nothing_broken_passes()
    {
        CrashReport report = await RunAsync("none");
        Assert.True(report.Findings.AreNone, report.ToString());
        Assert.True(report.Kills[^1].WasCompared);
    }

    private async Task<CrashReport> RunAsync(string mutant)
    {
        string program = SiloProgram.Find("OrleansSegments.BrokenSilo", "tests");
        var options = new CrashRunOptions { Moments = [KillMoment.Load, KillMoment.Load], Seed = Seed, CompareEvery = 2, Program = (program, [mutant]) };
        await using var store = new EmbeddedCrashStore();
        return await CrashRun.RunAsync(options, store, output.WriteLine, TestContext.Current.CancellationToken);
    }
}
