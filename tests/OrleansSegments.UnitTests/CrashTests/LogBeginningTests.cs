using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using Xunit;

namespace OrleansSegments.UnitTests.CrashTests;

/// <summary>A consumer of the change feed has read part of the log; the log must continue from there and not change before.</summary>
public sealed class LogBeginningTests
{
    private static readonly Change[] Log = [.. Enumerable.Range(1, 4).Select(i => new Change(i * 3, $"customer-{i}", null, "s1", "event", 1))];

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_log_that_goes_on_is_right(int read) => Assert.Empty(Check(Log, Log[..read]));

    [Fact]
    public void A_transition_that_is_gone_is_found() => Assert.Equal(FindingKind.LogRewritten, Assert.Single(Check(Log[..2], Log[..3])));

    [Fact]
    public void A_transition_inserted_between_those_already_read_is_found() =>
        Assert.Equal(FindingKind.LogRewritten, Assert.Single(Check(Log, [Log[0], Log[2]])));

    [Fact]
    public void A_transition_that_changed_is_found() =>
        Assert.Equal(FindingKind.LogRewritten, Assert.Single(Check(Log, [Log[0], Log[1] with { To = "s2" }])));

    private static IReadOnlyCollection<FindingKind> Check(Change[] log, Change[] read)
    {
        var findings = new Findings();
        Checker.CheckBeginning(log, read, "a reader", findings);
        return findings.Kinds;
    }
}
