using OrleansSegments.Contracts.Models;

namespace OrleansSegments.ClientApi.Models;

/// <summary>All models that are kept, newest first, the refused ones with the reason.</summary>
internal sealed record ModelsAnswer(ModelSummary[] Models);
