using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>The demo, small and short.</summary>
public sealed class DemoCommandTests
{
    [Fact]
    public async Task The_demo_counts_everybody_once_tells_its_story_and_says_how_well_it_did()
    {
        using var folder = new TemporaryFolder();
        FinishedCommand demo = await SiloCommand.RunAsync(
            "demo", "--customers", "300", "--seconds", "2", "--exit", "--json", "--data", folder["demo"], "--urls", "http://127.0.0.1:0");

        demo.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(demo.Output)!;
        Assert.Equal(300, (long)summary["customers"]!);
        Assert.Equal(300, (long)summary["sumOfSizes"]!);
        SummaryChecks.SizesAddUp(summary);
        SummaryChecks.HasFigures(summary);
        Assert.True((long)summary["events"]! > 0 && (int)summary["modelVersion"]! > 0, demo.ToString());
        Assert.InRange((double)summary["adjustedRandIndex"]!, -1, 1);
        SummaryChecks.IsPlainText(demo);
        TellsItsStory(summary, demo.Errors);
    }

    [Fact]
    public async Task The_demo_prints_where_the_console_is_before_it_simulates()
    {
        using var folder = new TemporaryFolder();
        FinishedCommand demo = await SiloCommand.RunAsync(
            "demo", "--customers", "300", "--seconds", "1", "--exit", "--data", folder["demo"], "--urls", "http://127.0.0.1:0");

        demo.AssertSucceeded();
        Assert.Matches(@"\AConsole: http://127\.0\.0\.1:\d+/enter\?code=[0-9a-f]{32}\n", demo.Output);
        Assert.Contains("Sale day", demo.Errors, StringComparison.Ordinal);
    }

    /// <summary>Regression: without --customers the error message said that --customers is 0.</summary>
    [Fact]
    public async Task The_demo_does_not_touch_a_folder_that_is_not_empty()
    {
        using var folder = new TemporaryFolder();
        folder.Write("thesis.txt", "years of work");
        FinishedCommand demo = await SiloCommand.RunAsync("demo", "--seconds", "1", "--exit", "--json", "--data", folder.Path);
        demo.AssertRefused(folder.Path, "not empty");
        Assert.True(File.Exists(folder["thesis.txt"]));
    }

    [Fact]
    public async Task The_demo_refuses_a_number_out_of_its_range()
    {
        FinishedCommand demo = await SiloCommand.RunAsync("demo", "--customers", "0", "--exit", "--json");
        demo.AssertRefused("--customers is 0", "100 to 10000000");
    }

    /// <summary>All chapters, however short the run, and first of all where the console is.</summary>
    private static void TellsItsStory(JsonNode summary, string said)
    {
        Assert.Matches(@"\AConsole: http://127\.0\.0\.1:\d+/enter\?code=[0-9a-f]{32}\n", said);
        JsonArray story = summary["story"]!.AsArray();
        Assert.Equal(["sale", "retraining", "inactivity", "newcomers", "discovery"], story.Select(chapter => (string)chapter!["chapter"]!));
        DateTimeOffset[] days = [.. story.Select(chapter => (DateTimeOffset)chapter!["simulatedAt"]!)];
        Assert.Equal(days.Order().Distinct(), days);
        Assert.All(story, chapter => Assert.Contains((string)chapter!["sentence"]!, said, StringComparison.Ordinal));
    }
}

/// <summary>The guarantees of every JSON summary.</summary>
internal static class SummaryChecks
{
    public static void SizesAddUp(JsonNode summary)
    {
        JsonArray segments = summary["segments"]!.AsArray();
        Assert.NotEmpty(segments);
        Assert.All(segments, s => Assert.False(string.IsNullOrEmpty((string?)s!["id"]) || string.IsNullOrEmpty((string?)s["name"])));
        Assert.Equal((long)summary["customers"]!, segments.Sum(s => (long)s!["size"]!));
        Assert.Equal((long)summary["customers"]!, (long)summary["sumOfSizes"]!);
    }

    public static void HasFigures(JsonNode summary)
    {
        Assert.True((double)summary["eventsPerSecond"]! > 0, summary.ToJsonString());
        Assert.True((double)summary["latencyMsP50"]! >= 0 && (double)summary["latencyMsP99"]! >= (double)summary["latencyMsP50"]!, summary.ToJsonString());
    }

    /// <summary>Redirected output is plain text: no colours, no overwritten lines.</summary>
    public static void IsPlainText(FinishedCommand command)
    {
        Assert.DoesNotContain(command.Output + command.Errors, c => char.IsControl(c) && c is not ('\n' or '\t'));
    }
}
