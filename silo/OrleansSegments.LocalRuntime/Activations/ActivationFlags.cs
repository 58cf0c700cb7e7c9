namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>The bits of an activation's state word. An active, idle activation is zero.</summary>
internal static class ActivationFlags
{
    /// <summary>One thread owns the activation and runs its turns.</summary>
    public const int Running = 1;

    /// <summary>A call that does not interleave is in progress and awaits.</summary>
    public const int Blocked = 2;

    /// <summary>Something is queued: whoever leaves must look, and nobody may enter past the queue.</summary>
    public const int Work = 4;

    /// <summary>The grain was not activated yet.</summary>
    public const int Fresh = 8;

    /// <summary>The activation ends as soon as no call is in progress.</summary>
    public const int Closing = 16;

    /// <summary>The activation has ended; its id belongs to another one.</summary>
    public const int Gone = 32;
}
