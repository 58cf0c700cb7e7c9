namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>What became of a call that asked to be queued.</summary>
internal enum Admission
{
    Accepted,

    /// <summary>The mailbox has as many calls as it may hold.</summary>
    Full,

    /// <summary>The activation has ended: ask the directory again.</summary>
    Gone,
}
