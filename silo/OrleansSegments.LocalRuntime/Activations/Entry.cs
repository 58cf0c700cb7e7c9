namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>What a caller found at the door of an activation.</summary>
internal enum Entry
{
    /// <summary>The caller owns the activation, may run its call, and must leave.</summary>
    Entered,

    /// <summary>The caller owns the activation, which is still activating: it must queue its call and leave.</summary>
    Starting,

    /// <summary>Someone else is in, or in line: the call must be queued.</summary>
    Busy,
}
