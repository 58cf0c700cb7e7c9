using System.Diagnostics.CodeAnalysis;

namespace Orleans;

/// <summary>A grain whose key is a GUID.</summary>
[SuppressMessage("Design", "CA1040:Avoid empty interfaces", Justification = "The marker is Orleans' own.")]
public interface IGrainWithGuidKey : IGrain;
