using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>All gates and the verdict.</summary>
public sealed record GateReport(IReadOnlyList<GateResult> Gates)
{
    public bool Passed => Gates.All(g => g.Passed);

    /// <summary>The sentences of the gates that failed, or that all passed.</summary>
    public string Verdict => Passed
        ? $"All {Gates.Count} gates passed."
        : string.Join(' ', Gates.Where(g => !g.Passed).Select(g => g.Sentence));
}
