using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>Names the state, and optionally the store, of an <see cref="IPersistentState{TState}"/> constructor parameter.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "The signature is Orleans' own.")]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    public string StateName { get; } = stateName;

    public string? StorageName { get; } = storageName;
}
