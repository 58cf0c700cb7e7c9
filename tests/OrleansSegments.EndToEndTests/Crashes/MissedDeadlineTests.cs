using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Runs;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>
/// A silo that moves nobody by the passing of time alone is found out, and one that does passes. Deadlines are whole minutes of the real
/// clock, so that each takes more than one; they have a class of their own to wait beside the others.
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
