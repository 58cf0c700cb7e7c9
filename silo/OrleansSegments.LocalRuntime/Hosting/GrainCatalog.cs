using Orleans;
using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime;

/// <summary>The grain classes of a silo.</summary>
internal sealed class GrainCatalog
{
    private readonly Dictionary<string, GrainClass> _byName = new(StringComparer.Ordinal);

    public GrainCatalog(LocalSilo silo)
    {
        Classes =
        [
            .. silo.Options.GrainAssemblies.Distinct()
                .SelectMany(assembly => assembly.GetTypes())
                .Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
                    && typeof(Grain).IsAssignableFrom(type) && typeof(IGrain).IsAssignableFrom(type))
                .Select(type => new GrainClass(silo, type)),
        ];
        foreach (var grainClass in Classes)
        {
            if (!_byName.TryAdd(grainClass.Name, grainClass))
            {
                throw new InvalidOperationException(
                    $"{grainClass.Type.FullName} and {_byName[grainClass.Name].Type.FullName} are both stored as '{grainClass.Name}'; rename one.");
            }
        }
    }

    public IReadOnlyList<GrainClass> Classes { get; }

    public GrainClass? ByName(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The one class that implements the interface, among those whose full name starts with the prefix if one is given.</summary>
    public GrainClass ClassOf(Type interfaceType, string? prefix)
    {
        var found = Classes
            .Where(grainClass => interfaceType.IsAssignableFrom(grainClass.Type))
            .Where(grainClass => prefix is null || grainClass.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal))
            .ToArray();
        return found.Length == 1 ? found[0] : throw new ArgumentException(
            $"{interfaceType.FullName} has {found.Length} grain classes ({string.Join(", ", found.Select(c => c.Type.Name))}); it needs exactly one. "
            + $"Check {nameof(LocalRuntimeOptions)}.{nameof(LocalRuntimeOptions.GrainAssemblies)}.");
    }
}
