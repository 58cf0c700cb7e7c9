namespace OrleansSegments.Grains.Passes;

/// <summary>Somebody else has begun to order steps of the same kind; whoever gets this stops.</summary>
public sealed class PassReplacedException(string message) : Exception(message);
