using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The root of all grain interfaces.</summary>
[SuppressMessage("Design", "CA1040:Avoid empty interfaces", Justification = "The marker is Orleans' own.")]
public interface IGrain : IAddressable;
