namespace OrleansSegments.Grains.Passes;

/// <summary>A step over the population was given up; the message says why.</summary>
public sealed class PassException(string message) : Exception(message);
