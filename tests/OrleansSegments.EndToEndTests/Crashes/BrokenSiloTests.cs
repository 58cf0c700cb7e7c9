using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Runs;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>
/// Silos that are broken on purpose, each in one way that has happened to somebody: the checker must find out, and name what is broken. The
/// same executable with nothing broken must pass, or the findings would prove nothing.
/// </summary>
public sealed class BrokenSiloTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("early-answer", FindingKind.EventLost, CrashStores.Embedded)]
    [InlineData("early-answer", FindingKind.EventLost, CrashStores.Postgresql)]
    [InlineData("loose-totals", FindingKind.SizeWrong, CrashStores.Embedded)]
    [InlineData("loose-totals", FindingKind.SizeWrong, CrashStores.Postgresql)]
    [InlineData("no-deduplication", FindingKind.EventCountedTwice, CrashStores.Embedded)]
    [InlineData("no-deduplication", FindingKind.EventCountedTwice, CrashStores.Postgresql)]
    public async Task A_silo_that_is_broken_in_one_way_is_found_out_for_just_that(string mutant, FindingKind expected, string store)
    {
        CrashReport report = await BrokenSilo.KillAsync(mutant, store, output, KillMoment.Load, KillMoment.Load);
        Assert.True(report.Findings.Kinds.SequenceEqual([expected]), $"{expected} alone was expected. {report}");
    }

    [Theory]
    [InlineData(CrashStores.Embedded)]
    [InlineData(CrashStores.Postgresql)]
    public async Task The_same_silo_with_nothing_broken_passes(string store)
    {
        CrashReport report = await BrokenSilo.KillAsync("none", store, output, KillMoment.Load, KillMoment.Load);
        Assert.True(report.Findings.AreNone, report.ToString());
        Assert.True(report.Kills[^1].WasCompared);
    }
}
