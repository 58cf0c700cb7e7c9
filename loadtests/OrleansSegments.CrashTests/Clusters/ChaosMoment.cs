namespace OrleansSegments.CrashTests.Clusters;

/// <summary>What happens to a cluster under load.</summary>
public enum ChaosMoment
{
    /// <summary>SIGKILL of one silo; another process takes its place some seconds later.</summary>
    SiloKilled,

    /// <summary>SIGSTOP of one silo for longer than the others believe in it, then SIGCONT.</summary>
    SiloStalled,

    /// <summary>
    /// One silo's network is cut for longer than the others believe in it, then joined again. It still reaches the database, so that it could go on
    /// writing: the hardest case.
    /// </summary>
    SiloCutOff,

    /// <summary>One silo after the other is told to stop and started again, each when the one before is ready.</summary>
    RollingRestart,

    /// <summary>SIGKILL of the database server, and its return.</summary>
    StoreServerKilled,
}
