using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary><c>bench tables</c>: the kept results as the tables of docs/benchmarks.md.</summary>
internal static class TablesCommand
{
    public static int Run()
    {
        foreach (string file in Directory.EnumerateFiles(BenchReport.ResultsFolder(), "*.json").Order(StringComparer.Ordinal))
        {
            JsonNode report = JsonNode.Parse(File.ReadAllText(file))!;
            if (report["figures"] is not JsonArray figures)
            {
                continue;
            }

            JsonNode machine = report["machine"]!;
            string commit = ((string)machine["commit"]!).Replace("+changes", " with changes", StringComparison.Ordinal);
            Console.WriteLine($"## {Path.GetFileNameWithoutExtension(file)}");
            Console.WriteLine();
            Console.WriteLine($"`{report["command"]}`, {(DateTimeOffset)machine["measuredAt"]!:yyyy-MM-dd}, commit {commit}. {report["how"]}");
            Console.WriteLine();
            Console.WriteLine("| what | figure | bar |");
            Console.WriteLine("|---|---:|---:|");
            foreach (Figure figure in figures.Select(figure => figure.Deserialize<Figure>(BenchReport.Json)!))
            {
                string spread = figure.Runs.Count > 1 ? $" ({Shown(figure.Lowest)} to {Shown(figure.Highest)})" : "";
                string bar = figure.Bar is { } value ? $"at {(figure.BarIsMaximum ? "most" : "least")} {Shown(value)}{(figure.MeetsBar ? "" : ", **missed**")}" : "";
                Console.WriteLine($"| {figure.Name} | {Shown(figure.Median)}{spread} {figure.Unit} | {bar} |");
            }

            Console.WriteLine();
        }

        return 0;
    }

    /// <summary>Three significant digits, and whole numbers whole.</summary>
    private static string Shown(double value) => Math.Abs(value) >= 100 || value == Math.Floor(value)
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : value.ToString("G3", CultureInfo.InvariantCulture);
}
