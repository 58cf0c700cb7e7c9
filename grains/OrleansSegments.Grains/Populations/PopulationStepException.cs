namespace OrleansSegments.Grains.Populations;

/// <summary>
/// A step over the population failed again and again. An <see cref="IOException"/>, like the store's failures that mostly lie behind it, so
/// that the caller is told to try again later.
/// </summary>
public sealed class PopulationStepException(string message, Exception inner) : IOException(message, inner);
