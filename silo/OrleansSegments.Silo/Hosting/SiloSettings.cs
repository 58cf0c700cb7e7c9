namespace OrleansSegments.Silo.Hosting;

/// <summary>What a command decides about the silo it starts; everything else is configuration.</summary>
/// <param name="Store">Where customers are kept.</param>
/// <param name="Urls">Where the API listens; null for no listener.</param>
/// <param name="FeaturesFile">A feature catalogue instead of the built-in one.</param>
/// <param name="ReplayFrom">Starts a replay at this moment; null to live by the store's own clock.</param>
/// <param name="UseSystemClock">Lets a replayed store live by the system's clock from now on.</param>
/// <param name="IsImport">History is brought in: an empty store replays it on a clock that the import moves.</param>
/// <param name="ScheduledTraining">Whether the training schedule runs; null leaves it to the configuration.</param>
/// <param name="IsQuiet">Logs warnings and errors only.</param>
/// <param name="Cluster">Joins the silos that share the database, with what the command line says about it; null to be a silo alone.</param>
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
