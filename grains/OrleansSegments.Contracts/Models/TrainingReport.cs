using Orleans;

namespace OrleansSegments.Contracts.Models;

/// <summary>What a training came to.</summary>
/// <param name="Summary">Null when there was nothing to train on; <paramref name="Reason"/> says so.</param>
[GenerateSerializer, Immutable, Alias("training-report")]
public sealed record TrainingReport(
    [property: Id(0)] bool Published, [property: Id(1)] string Reason, [property: Id(2)] ModelSummary? Summary, [property: Id(3)] TimeSpan Elapsed);
