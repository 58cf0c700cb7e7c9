namespace OrleansSegments.CrashTests.Runs;

/// <summary>What goes on when something is killed.</summary>
public enum KillMoment
{
    /// <summary>Senders hand in events.</summary>
    Load,

    /// <summary>The same, while a model is trained.</summary>
    Training,

    /// <summary>The same, while a new model goes out to every customer.</summary>
    Rollout,

    /// <summary>A silo that was killed under load is killed again while it starts.</summary>
    StartUp,

    /// <summary>A silo that was killed under load is killed again as soon as it serves, with all senders waiting for it.</summary>
    AfterStart,

    /// <summary>Nobody sends, and customers come due by the passing of time.</summary>
    Due,

    /// <summary>Senders hand in events, and not the silo but the server of its store is killed.</summary>
    StoreServer,
}
