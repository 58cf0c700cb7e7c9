using Orleans;
using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>
/// Looks up the grains of several references together, before they are called. Among a million activations each step to one waits for
/// the memory; the steps of different references do not depend on each other and so wait together. The calls then find their way prepared.
/// </summary>
public static class GrainLookup
{
    /// <summary>References looked up at a time.</summary>
    public const int TogetherMax = 64;

    /// <summary>Finds who is active; activates nobody.</summary>
    /// <param name="references">At most <see cref="TogetherMax"/>, all of one grain class.</param>
    /// <param name="grains">Takes the grain of each, null where it is not active. Its own methods must not be called but through the reference.</param>
    public static void Find<TGrainInterface>(ReadOnlySpan<TGrainInterface> references, Span<IGrainBase?> grains)
        where TGrainInterface : class, IAddressable
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(references.Length, TogetherMax);
        if (references.IsEmpty || references[0] is not GrainReference { Class: { IsStatelessWorker: false } grainClass })
        {
            grains.Clear();
            return;
        }

        var keys = new string[references.Length];
        for (var index = 0; index < references.Length; index++)
        {
            keys[index] = ((GrainReference)(object)references[index]).Key;
        }

        var found = new Activation?[references.Length];
        grainClass.Find(keys, found);
        for (var index = 0; index < references.Length; index++)
        {
            ((GrainReference)(object)references[index]).Expect(found[index]);
            grains[index] = found[index]?.Grain;
        }
    }
}
