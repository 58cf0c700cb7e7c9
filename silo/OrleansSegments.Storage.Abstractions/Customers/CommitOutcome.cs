namespace OrleansSegments.Storage.Customers;

/// <summary>What became of a change.</summary>
public enum CommitOutcome
{
    /// <summary>Durable: it survives the end of the process at any later instant.</summary>
    Committed,

    /// <summary>The stored version was not the expected one; nothing was written. The writer's copy is stale and must be read again.</summary>
    Conflict,

    /// <summary>The limit of changes or bytes waiting for commit is reached; nothing was written. Try again later.</summary>
    Overloaded,

    /// <summary>
    /// The store could not write (disk full, server gone); the store's health says why. The change may stand all the same, when only the
    /// word that it is durable was lost: then the writer's next change is a conflict.
    /// </summary>
    Unavailable,
}
