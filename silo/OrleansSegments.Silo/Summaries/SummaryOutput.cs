using System.Text.Json;

namespace OrleansSegments.Silo.Summaries;

/// <summary>Prints a summary as JSON on the standard output. NaN never gets that far: a figure that was not taken is 0 or left out.</summary>
internal static class SummaryOutput
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void PrintJson(RunSummary summary) => Console.Out.WriteLine(JsonSerializer.Serialize(summary, Options));
}
