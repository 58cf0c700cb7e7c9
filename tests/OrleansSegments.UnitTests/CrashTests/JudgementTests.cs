using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using Xunit;

namespace OrleansSegments.UnitTests.CrashTests;

/// <summary>The checker's judgement of a reading: each kind of error is found and named, and nothing else with it.</summary>
public sealed class JudgementTests
{
    private static readonly Change AdaComes = new(1, "ada", null, "s1", "event", 1);
    private static readonly Change BobComes = new(2, "bob", null, "s1", "event", 1);
    private static readonly Change BobMoves = new(5, "bob", "s1", "s2", "time", 1);
    private static readonly Change AdaMoves = new(9, "ada", "s1", "s2", "time", 1);

    private static readonly Dictionary<string, long> Sent = new() { ["ada"] = 3, ["bob"] = 7 };

    private static readonly Reading Right = new()
    {
        Log = [AdaComes, BobComes, BobMoves],
        LogBefore = 3,
        CensusSequence = 5,
        Population = 2,
        ModelVersion = 1,
        Sizes = new Dictionary<string, long> { ["s1"] = 1, ["s2"] = 1, ["s3"] = 0 },
        Members = new Dictionary<string, List<string>> { ["s1"] = ["ada"], ["s2"] = ["bob"], ["s3"] = [] },
        Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(3, "s1", 1), ["bob"] = new(7, "s2", 1) },
    };

    [Fact]
    public void A_reading_in_which_everybody_agrees_is_right() => AssertFinds(Right);

    [Fact]
    public void A_customer_that_moves_during_the_reading_may_be_found_in_either_segment_or_on_no_page()
    {
        Reading moved = Right with { Log = [.. Right.Log, AdaMoves] };
        AssertFinds(moved);
        AssertFinds(moved with { Members = new Dictionary<string, List<string>> { ["s1"] = [], ["s2"] = ["bob"] } });
        AssertFinds(moved with { Members = new Dictionary<string, List<string>> { ["s1"] = ["ada"], ["s2"] = ["ada", "bob"] } });
        AssertFinds(moved with { Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(3, "s2", 1), ["bob"] = new(7, "s2", 1) } });
        AssertFinds(moved with { CensusSequence = 9, Sizes = new Dictionary<string, long> { ["s1"] = 0, ["s2"] = 2 } });
    }

    [Fact]
    public void A_count_below_what_was_acknowledged_is_a_lost_event() => AssertFinds(
        Right with { Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(2, "s1", 1), ["bob"] = new(7, "s2", 1) } }, FindingKind.EventLost);

    [Fact]
    public void A_count_above_what_was_sent_is_an_event_counted_twice() => AssertFinds(
        Right with { Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(3, "s1", 1), ["bob"] = new(8, "s2", 1) } },
        FindingKind.EventCountedTwice);

    [Fact]
    public void An_event_in_doubt_may_be_there_or_not()
    {
        var acknowledged = new Dictionary<string, long> { ["ada"] = 1 };
        Assert.True(Judgement.Of(Right, acknowledged, Sent).AreNone);
        var withoutBob = Right with
        {
            Log = [AdaComes],
            LogBefore = 1,
            Population = 1,
            Sizes = new Dictionary<string, long> { ["s1"] = 1 },
            Members = new Dictionary<string, List<string>> { ["s1"] = ["ada"] },
            Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(1, "s1", 1) },
        };
        Assert.True(Judgement.Of(withoutBob, acknowledged, Sent).AreNone);
    }

    [Fact]
    public void A_customer_without_any_event_sent_is_a_stranger()
    {
        Findings findings = Judgement.Of(Right, new Dictionary<string, long>(), new Dictionary<string, long> { ["ada"] = 3 });
        Assert.Equal([FindingKind.StrangerFound], findings.Kinds);
    }

    [Fact]
    public void A_size_that_the_log_does_not_give_is_wrong() =>
        AssertFinds(Right with { Sizes = new Dictionary<string, long> { ["s1"] = 2, ["s2"] = 0 } }, FindingKind.SizeWrong);

    [Fact]
    public void Sizes_that_do_not_add_up_to_the_population_are_found() => AssertFinds(Right with { Population = 3 }, FindingKind.SizesDoNotAddUp);

    [Fact]
    public void A_member_that_belongs_elsewhere_or_is_missing_or_listed_twice_is_found()
    {
        AssertFinds(Right with { Members = new Dictionary<string, List<string>> { ["s1"] = ["ada", "bob"], ["s2"] = [] } }, FindingKind.MembersWrong);
        AssertFinds(Right with { Members = new Dictionary<string, List<string>> { ["s1"] = [], ["s2"] = ["bob"] } }, FindingKind.MembersWrong);
        AssertFinds(Right with { Members = new Dictionary<string, List<string>> { ["s1"] = ["ada", "ada"], ["s2"] = ["bob"] } }, FindingKind.MembersWrong);
    }

    [Fact]
    public void A_customer_who_names_another_segment_or_none_disagrees()
    {
        AssertFinds(
            Right with { Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(3, "s2", 1), ["bob"] = new(7, "s2", 1) } },
            FindingKind.CustomerDisagrees);
        Findings unknown = Judgement.Of(
            Right with { Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(3, "s1", 1) } }, new Dictionary<string, long>(), Sent);
        Assert.Equal([FindingKind.CustomerDisagrees], unknown.Kinds);
    }

    [Fact]
    public void An_answer_under_another_model_is_found() => AssertFinds(
        Right with { Customers = new Dictionary<string, CustomerReading> { ["ada"] = new(3, "s1", 2), ["bob"] = new(7, "s2", 1) } }, FindingKind.ModelsMixed);

    [Fact]
    public void A_log_that_goes_back_or_skips_a_step_is_broken()
    {
        AssertFinds(Right with { Log = [AdaComes, BobComes with { Sequence = 1 }, BobMoves] }, FindingKind.LogBroken);
        AssertFinds(Right with { Log = [AdaComes, BobComes, BobMoves with { From = "s3" }] }, FindingKind.LogBroken);
    }

    private static void AssertFinds(Reading reading, params FindingKind[] expected)
    {
        Findings findings = Judgement.Of(reading, Sent, Sent);
        Assert.True(findings.Kinds.SequenceEqual(expected), $"{string.Join(", ", expected)} was expected: {findings}");
    }
}
