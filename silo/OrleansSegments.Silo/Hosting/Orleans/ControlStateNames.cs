using System.Globalization;
using System.Reflection;
using Orleans.Runtime;
using OrleansSegments.Grains.Models;

namespace OrleansSegments.Silo.Hosting.Orleans;

/// <summary>
/// Under which name a control grain's state is stored: class, key and state, as the local flavour names it, so that a store can go from one
/// flavour to the other.
/// </summary>
internal static class ControlStateNames
{
    private static readonly Dictionary<string, string> ClassByState = typeof(ModelGrain).Assembly.GetTypes()
        .Where(type => typeof(Grain).IsAssignableFrom(type) && !type.IsAbstract)
        .SelectMany(type => type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
            .Select(parameter => parameter.GetCustomAttribute<PersistentStateAttribute>())
            .Where(mark => mark is not null)
            .Select(mark => (mark!.StateName, Class: type.FullName!)))
        .ToDictionary(pair => pair.StateName, pair => pair.Class, StringComparer.Ordinal);

    /// <summary>The grain class whose state has this name.</summary>
    public static string ClassOf(string stateName) => ClassByState[stateName];

    /// <summary>The name of the document. Control grains have numbers for keys.</summary>
    public static string DocumentOf(string stateName, GrainId grainId) =>
        string.Create(CultureInfo.InvariantCulture, $"{ClassOf(stateName)}/{grainId.GetIntegerKey()}/{stateName}");
}
