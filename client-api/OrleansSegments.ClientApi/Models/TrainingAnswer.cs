using OrleansSegments.Contracts.Models;

namespace OrleansSegments.ClientApi.Models;

/// <summary>What a training came to.</summary>
/// <param name="Summary">Null when there was nothing to train on; the reason says so.</param>
internal sealed record TrainingAnswer(bool Published, string Reason, ModelSummary? Summary, double ElapsedMilliseconds)
{
    public static TrainingAnswer Of(TrainingReport report) =>
        new(report.Published, report.Reason, report.Summary, report.Elapsed.TotalMilliseconds);
}
