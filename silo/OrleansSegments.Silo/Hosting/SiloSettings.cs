namespace OrleansSegments.Silo.Hosting;

/// <summary>What a command decides about the silo that it starts; everything else is configuration.</summary>
/// <param name="Store">The store to open.</param>
/// <param name="Urls">URLs on which the API listens; null for none.</param>
/// <param name="FeaturesFile">A feature catalogue to use instead of the built-in one.</param>
/// <param name="ReplayFrom">Starts a replay at this moment; null to use the store's own clock.</param>
/// <param name="UseSystemClock">Switches a replayed store to the system clock permanently.</param>
/// <param name="IsImport">True for an import: an empty store replays the history on a clock moved by the import.</param>
/// <param name="ScheduledTraining">Turns the training schedule on or off; null to use the configuration.</param>
/// <param name="IsQuiet">Logs warnings and errors only.</param>
/// <param name="Cluster">Joins a cluster, with the command line's cluster options; null for a single silo.</param>
internal sealed record SiloSettings(
    StoreArguments Store,
    string? Urls,
    string? FeaturesFile = null,
    DateTimeOffset? ReplayFrom = null,
    bool UseSystemClock = false,
    bool IsImport = false,
    bool? ScheduledTraining = null,
    bool IsQuiet = false,
    Action<ClusterSettings>? Cluster = null);
