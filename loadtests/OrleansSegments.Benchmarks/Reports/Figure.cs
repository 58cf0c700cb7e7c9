namespace OrleansSegments.Benchmarks.Reports;

/// <summary>One measured quantity: every run, and the bar it is held to (at most, or at least) if there is one.</summary>
internal sealed record Figure(string Name, string Unit, double? Bar, bool BarIsMaximum, IReadOnlyList<double> Runs)
{
    /// <summary>
    /// A rate by the clock, held to the bar, and what one operation costs the processors, held to what that many processors may spend at the bar.
    /// </summary>
    public static IEnumerable<Figure> OfRate(string name, double? bar, int processors, IReadOnlyList<Rate> runs) =>
    [
        new(name, "1/s", bar, false, [.. runs.Select(run => run.PerSecond)]),
        new($"{name}, processor time each", "ns", processors * 1e9 / bar, true,
            [.. runs.Select(run => run.ProcessorNanosecondsEach)]),
    ];

    public double Median => Runs.Order().ElementAt(Runs.Count / 2);

    public double Lowest => Runs.Min();

    public double Highest => Runs.Max();

    public bool MeetsBar => Bar is null || (BarIsMaximum ? Median <= Bar : Median >= Bar);
}
