namespace OrleansSegments.Silo.Hosting;

/// <summary>What a command decides about the silo it starts; everything else is configuration.</summary>
/// <param name="DataFolder">Full path; made if it does not exist.</param>
/// <param name="Urls">Where the API listens; null for no listener.</param>
/// <param name="FeaturesFile">A feature catalogue instead of the built-in one.</param>
/// <param name="ReplayFrom">Starts a replay at this moment; null to live by the folder's own clock.</param>
/// <param name="UseSystemClock">Lets a replayed folder live by the system's clock from now on.</param>
/// <param name="ScheduledTraining">Whether the training schedule runs; null leaves it to the configuration.</param>
/// <param name="IsQuiet">Logs warnings and errors only.</param>
internal sealed record SiloSettings(
    string DataFolder,
    string? Urls,
    string? FeaturesFile = null,
    DateTimeOffset? ReplayFrom = null,
    bool UseSystemClock = false,
    bool? ScheduledTraining = null,
    bool IsQuiet = false);
