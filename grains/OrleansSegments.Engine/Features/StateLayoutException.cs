namespace OrleansSegments.Engine.Features;

/// <summary>A state or facts blob was made under another catalogue. Ask <see cref="FeatureEngine.CanRead"/> first, and carry states
/// over with <see cref="StateMigration"/>.</summary>
public sealed class StateLayoutException(string message) : InvalidOperationException(message);
