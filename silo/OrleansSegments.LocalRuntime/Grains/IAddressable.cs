using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>What has a grain id: a grain, and a reference to one.</summary>
[SuppressMessage("Design", "CA1040:Avoid empty interfaces", Justification = "The marker is Orleans' own.")]
public interface IAddressable;
