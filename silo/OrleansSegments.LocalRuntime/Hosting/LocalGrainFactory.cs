using System.Runtime.CompilerServices;
using Orleans;
using OrleansSegments.LocalRuntime.Calls;
using OrleansSegments.LocalRuntime.Proxies;

namespace OrleansSegments.LocalRuntime;

/// <summary>Makes references. Which class serves an interface is looked up once; after that it costs one array read and one small object.</summary>
internal sealed class LocalGrainFactory(LocalSilo silo) : IClusterClient
{
    private readonly Lock _gate = new();
    private volatile InterfaceBinding?[] _bindings = [];

    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => Reference<TGrainInterface>(GrainKey.From(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => Reference<TGrainInterface>(GrainKey.From(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Reference<TGrainInterface>(GrainKey.From(primaryKey), grainClassNamePrefix);

    private TGrainInterface Reference<TGrainInterface>(string key, string? prefix)
    {
        var bindings = _bindings;
        var slot = InterfaceSlot<TGrainInterface>.Index;
        var binding = prefix is null && slot < bindings.Length ? bindings[slot] : null;
        object reference = (binding ?? Bind(typeof(TGrainInterface), slot, prefix)).Reference(key);

        // The binding of this slot makes references of this interface only, so the cast needs no check.
        return Unsafe.As<object, TGrainInterface>(ref reference);
    }

    private InterfaceBinding Bind(Type interfaceType, int slot, string? prefix)
    {
        var binding = silo.Catalog.ClassOf(interfaceType, prefix).Bind(interfaceType);
        if (prefix is null)
        {
            lock (_gate)
            {
                var bindings = _bindings;
                Array.Resize(ref bindings, Math.Max(bindings.Length, slot + 1));
                bindings[slot] = binding;
                _bindings = bindings;
            }
        }

        return binding;
    }

    private static class InterfaceSlot
    {
        private static int _count;

        public static int Next() => Interlocked.Increment(ref _count) - 1;
    }

    private static class InterfaceSlot<TGrainInterface>
    {
        public static readonly int Index = InterfaceSlot.Next();
    }
}
