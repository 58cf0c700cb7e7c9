using Orleans;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>The share's customers of lowest rank: ranks ascending, and their scaled vectors one after another.</summary>
[GenerateSerializer, Immutable, Alias("training-sample-result")]
public sealed record SampleResult(long Rows, [property: Id(0)] ulong[] Ranks, [property: Id(1)] float[] Values) : PassResult(Rows)
{
    public SampleRows ToRows() => new(Ranks, Values);
}
