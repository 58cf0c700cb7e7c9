using System.Reflection;
using Orleans;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>
/// An IGrainFactory over hand-written grains. A dispatch proxy, because the interface has two dozen methods and the tests use one.
/// </summary>
public class GrainFactoryProxy : DispatchProxy
{
    private readonly Dictionary<(Type Interface, object Key), object> _grains = [];

    public static (IGrainFactory Factory, GrainFactoryProxy Grains) Create()
    {
        var factory = Create<IGrainFactory, GrainFactoryProxy>();
        return (factory, (GrainFactoryProxy)(object)factory);
    }

    public void Add<TGrain>(object key, TGrain grain)
        where TGrain : notnull => _grains[(typeof(TGrain), key)] = grain;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var grainType = targetMethod!.GetGenericArguments()[0];

        // A key that a caller makes up.
        var key = args![0] is Guid ? Guid.Empty : args[0]!;
        return _grains.TryGetValue((grainType, key), out var grain)
            ? grain
            : throw new InvalidOperationException($"The test has no {grainType.Name} with the key {args[0]}.");
    }
}
