namespace OrleansSegments.Grains.Passes;

/// <summary>
/// A step over the population failed again and again. An <see cref="IOException"/>, like the failures of the store that mostly lie behind it, so
/// that who asked is told to come again; the silo whose share failed has written down why.
/// </summary>
public sealed class PassException(string message) : IOException(message);
