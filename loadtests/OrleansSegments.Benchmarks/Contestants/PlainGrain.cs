using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>Keeps its features by Orleans' persistent state, as a tutorial would.</summary>
public sealed class PlainGrain([PersistentState("features", GrainContestant.Storage)] IPersistentState<PlainState> state) : Grain, IPlainGrain
{
    private static readonly ThreadLocal<PlainFeatures> Features = new(static () => new PlainFeatures(FeatureCatalogue.Default));

    public Task Apply(CustomerEvent one)
    {
        state.State.Features = Features.Value!.Apply(state.State.Features, one);
        return state.WriteStateAsync();
    }
}
