namespace OrleansSegments.ClientApi.Models;

/// <summary>The optional body of POST /v1/model/train.</summary>
/// <param name="Segments">Fixes the number of segments; absent leaves it to the trainer.</param>
/// <param name="Replan">Chooses the number of segments anew although a model is published.</param>
/// <param name="Force">Publishes although a quality gate says no.</param>
internal sealed record TrainingDemand(int? Segments = null, bool Replan = false, bool Force = false)
{
    public const int SegmentsMin = 1;
    public const int SegmentsMax = 256;
}
