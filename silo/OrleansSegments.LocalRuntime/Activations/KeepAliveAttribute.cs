using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>Activations of this class are never collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class)]
[SuppressMessage("Performance", "CA1813:Avoid unsealed attributes", Justification = "The signature is Orleans' own.")]
public class KeepAliveAttribute : Attribute;
