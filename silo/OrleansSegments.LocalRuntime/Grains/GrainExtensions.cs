using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Calls;

namespace Orleans;

/// <summary>Reads the id of a grain or a reference, and makes references out of them.</summary>
public static class GrainExtensions
{
    public static string GetPrimaryKeyString(this IAddressable grain) => KeyOf(grain);

    public static long GetPrimaryKeyLong(this IAddressable grain) => GrainKey.ToInteger(KeyOf(grain));

    public static Guid GetPrimaryKey(this IAddressable grain) => GrainKey.ToGuid(KeyOf(grain));

    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        Grain own => own.Activation.GrainId,
        GrainReference reference => reference.GrainId,
        _ => throw NotAddressable(grain),
    };

    /// <summary>A reference to this very grain, to hand to others or to call itself through the mailbox.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        Grain own => own.Activation.Class.ReferenceTo<TGrainInterface>(own.Activation.Key),
        GrainReference reference => reference.As<TGrainInterface>(),
        _ => throw NotAddressable(grain),
    };

    private static string KeyOf(IAddressable grain) => grain switch
    {
        Grain own => own.Activation.Key,
        GrainReference reference => reference.Key,
        _ => throw NotAddressable(grain),
    };

    private static ArgumentException NotAddressable(IAddressable grain) =>
        new($"{grain.GetType().Name} is neither a grain nor a grain reference.", nameof(grain));
}
