namespace OrleansSegments.Silo.Hosting;

/// <summary>Registers the time between red and stopped.</summary>
internal static class DrainServices
{
    /// <summary>What a stop may take beside the time in which it still serves: the silo hands its grains over and the store commits what waits.</summary>
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(60);

    public static void AddDraining(this IServiceCollection services, ClusterPlace cluster)
    {
        services.AddSingleton(cluster);
        services.AddHostedService<DrainBeforeStop>();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = cluster.Settings.DrainTime + StopTimeMax);
    }
}
