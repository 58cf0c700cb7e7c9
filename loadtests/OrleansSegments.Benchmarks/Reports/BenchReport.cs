using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansSegments.Benchmarks.Reports;

/// <summary>Prints the figures of one benchmark and keeps them, with the machine, under <c>loadtests/results/</c>. Losses are kept like gains.</summary>
internal static class BenchReport
{
    public static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes the report; returns the exit code: 1 when a bar is missed.</summary>
    public static int Write(string name, string how, IReadOnlyList<Figure> figures, string? options = null)
    {
        foreach (Figure figure in figures)
        {
            string bar = figure.Bar is { } value ? $"bar {value:N1}: {(figure.MeetsBar ? "met" : "missed")}" : "no bar";
            Console.WriteLine($"{figure.Name}: {figure.Median:N1} {figure.Unit} ({figure.Lowest:N1} to {figure.Highest:N1}), {bar}");
        }

        Keep(name, new { Machine = Machine.Describe(), Command = $"./segments bench {options ?? name}", How = how, Figures = figures });
        return figures.All(figure => figure.MeetsBar) ? 0 : 1;
    }

    /// <summary>Keeps a report as it is.</summary>
    public static void Keep(string name, object report)
    {
        string file = FileOf(name);
        File.WriteAllText(file, JsonSerializer.Serialize(report, Json) + Environment.NewLine);
        Console.WriteLine($"kept in {file}");
    }

    /// <summary>The report that was kept last; null if there is none.</summary>
    public static JsonNode? Read(string name) => File.Exists(FileOf(name)) ? JsonNode.Parse(File.ReadAllText(FileOf(name))) : null;

    private static string FileOf(string name) => Path.Combine(ResultsFolder(), $"{name}.json");

    private static string ResultsFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansSegments.sln")))
            {
                return Directory.CreateDirectory(Path.Combine(folder.FullName, "loadtests", "results")).FullName;
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
