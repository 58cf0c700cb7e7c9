using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;
using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Proxies;

/// <summary>One grain interface as one grain class implements it.</summary>
internal sealed class InterfaceBinding
{
    private readonly Func<InterfaceBinding, string, GrainReference> _create;

    public InterfaceBinding(GrainClass grainClass, ProxyType proxy)
    {
        Class = grainClass;
        _create = proxy.Create;
        Methods = [.. proxy.Methods.Select(
            method => new GrainMethod(method, grainClass.IsReentrant, grainClass.Silo.Options))];
    }

    public GrainClass Class { get; }

    public GrainMethod[] Methods { get; }

    public GrainReference Reference(string key) => _create(this, key);
}
