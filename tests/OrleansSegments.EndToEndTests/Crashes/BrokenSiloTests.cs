using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>
/// Silos that are broken on purpose, each in one realistic way: the checker must detect it and name what is broken. The same executable
/// without a defect must pass, otherwise the findings would prove nothing.
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
    public async Task A_silo_that_is_broken_in_one_way_gets_exactly_that_finding(string mutant, FindingKind expected, string store)
    {
        CrashReport report = await BrokenSilo.KillAsync(mutant, store, output, KillMoment.Load, KillMoment.Load);

        // A silo that answers too early also shows a customer's new segment before the log has the transition: seldom, when one is asked for in that moment.
        IEnumerable<FindingKind> found = report.Findings.Kinds.Where(kind => mutant != "early-answer" || kind != FindingKind.CustomerDisagrees);
        Assert.True(found.SequenceEqual([expected]), $"{expected} alone was expected. {report}");
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

/// <summary>Starts a broken silo and kills it like any other.</summary>
internal static class BrokenSilo
{
    private const int Seed = 20_261;

    /// <param name="mutant">Its name in the BrokenSilo program.</param>
    /// <param name="store">Its name in <see cref="CrashStores"/>.</param>
    public static async Task<CrashReport> KillAsync(string mutant, string store, ITestOutputHelper output, params KillMoment[] moments)
    {
        string program = SiloProgram.Find("OrleansSegments.BrokenSilo", "tests");
        var options = new CrashRunOptions { Moments = moments, Seed = Seed, CompareEvery = moments.Length, Program = (program, [mutant]) };
        await using ICrashStore started = await CrashStores.StartOrSkipAsync(store);
        return await CrashRun.RunAsync(options, started, output.WriteLine, TestContext.Current.CancellationToken);
    }
}

/// <summary>
/// A silo that never moves customers by time alone is detected, and a correct one passes. Deadlines are whole minutes of the real clock, so
/// each test takes more than a minute; they have their own class so that they run in parallel with the others.
/// </summary>
public sealed class MissedDeadlineTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("missed-deadlines", CrashStores.Embedded, FindingKind.DueMissed)]
    [InlineData("none", CrashStores.Postgresql)]
    public async Task Customers_who_were_due_and_did_not_move_are_missed(string mutant, string store, params FindingKind[] expected)
    {
        CrashReport report = await BrokenSilo.KillAsync(mutant, store, output, KillMoment.Due);
        Assert.True(report.Findings.Kinds.SequenceEqual(expected), $"'{string.Join(", ", expected)}' was expected. {report}");
    }
}
