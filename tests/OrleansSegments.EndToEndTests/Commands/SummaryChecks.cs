using System.Text.Json.Nodes;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>What every summary in JSON promises.</summary>
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

    /// <summary>Into a pipe goes text alone: no colours, no lines written over.</summary>
    public static void IsPlainText(FinishedCommand command)
    {
        Assert.DoesNotContain(command.Output + command.Errors, c => char.IsControl(c) && c is not ('\n' or '\t'));
    }
}
