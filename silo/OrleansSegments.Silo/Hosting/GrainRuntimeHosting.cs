using System.Net;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.GrainDirectory;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Configures the Orleans runtime of a single silo or of one in a cluster, with control state in the store.</summary>
internal static class GrainRuntimeHosting
{
    /// <summary>Name of the grain storage for control state, as used in the grains' constructors.</summary>
    private const string ControlStorage = "control";

    /// <summary>Only a part of the single silo's name: no port is opened.</summary>
    private const int LoneSiloPort = 1;

    /// <summary>
    /// A silo that misses three probes of this length is declared dead. A full garbage collection over a million grains takes a few
    /// seconds.
    /// </summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How often a call is forwarded when its activation deactivates. A customer whose write is refused deactivates at once; two in a row
    /// are not rare.
    /// </summary>
    private const int ForwardsMax = 8;

    /// <summary>Maximum number of queued and running calls of one grain; beyond it callers get 429.</summary>
    public const int MailboxCallsMax = 10_000;

    /// <summary>
    /// Longer turns are logged. A busy machine and a full collection over a million grains cause turns of a few seconds; calls time out
    /// after 30.
    /// </summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(10);

    public static void AddGrainRuntime(this WebApplicationBuilder builder, ClusterPlace? cluster)
    {
        // Orleans itself (membership, timeouts, reminders) uses real time; the grains' clock may be replaying history.
        builder.Services.AddKeyedSingleton<TimeProvider>(KeyedService.AnyKey, new RuntimeClock());
        builder.Services.AddSingleton<ISiloMembership, ClusterSilos>();
        builder.Services.AddKeyedSingleton<IGrainStorage, ControlGrainStorage>(ControlStorage);
        builder.Services.LetFailuresTravel();
        builder.UseOrleans(silo =>
        {
            silo.Configure<SiloMessagingOptions>(o =>
            {
                o.MaxForwardCount = ForwardsMax;
                o.MaxEnqueuedRequestsHardLimit = MailboxCallsMax;
            });
            silo.Configure<SchedulingOptions>(o => o.TurnWarningLengthThreshold = TurnMax);
            if (OrleansDashboard.IsOn(builder.Configuration))
            {
                silo.AddDashboard();
            }

            if (cluster is null)
            {
                silo.UseNoCluster();
            }
            else
            {
                silo.UseCluster(cluster);
            }
        });
    }

    /// <summary>Registers a client of a cluster's grains in a process that is not a silo.</summary>
    public static void AddGrainClient(this WebApplicationBuilder builder, ClusterPlace cluster) => builder.UseOrleansClient(client =>
    {
        client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Settings.Id, cluster.Settings.ServiceId));
        client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, cluster.ConnectionString));
        client.UseConnectionRetryFilter<PatientConnection>();
        client.Services.LetFailuresTravel();
        if (OrleansDashboard.IsOn(builder.Configuration))
        {
            client.AddDashboard();
        }

        if (cluster.Settings.TlsCertificate is not null)
        {
            client.UseTls(ClusterTls.Read(cluster.Settings).Configure);
        }
    });

    /// <summary>
    /// Lets exceptions of the store and the database driver pass between silos with their type. Orleans serializes only exceptions of known
    /// namespaces; others would reach callers as serialization errors.
    /// </summary>
    private static void LetFailuresTravel(this IServiceCollection services) => services.Configure<ExceptionSerializationOptions>(o =>
    {
        o.SupportedNamespacePrefixes.Add(nameof(OrleansSegments));
        o.SupportedNamespacePrefixes.Add(nameof(Npgsql));
    });

    private static void UseNoCluster(this ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(LoneSiloPort, gatewayPort: 0);
        silo.Services.CloseSiloPorts();
        silo.Services.AddSingleton<LoneDirectory>();
        silo.Services.AddSingleton<IGrainDirectoryCache>(services => services.GetRequiredService<LoneDirectory>());
        silo.AddGrainDirectory(GrainDirectoryAttribute.DEFAULT_GRAIN_DIRECTORY, (services, _) => services.GetRequiredService<LoneDirectory>());
        silo.AddReminders();
        silo.Services.AddSingleton<IReminderTable, ControlReminderTable>();
    }

    private static void UseCluster(this ISiloBuilder silo, ClusterPlace cluster)
    {
        ClusterSettings settings = cluster.Settings;
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.Id, settings.ServiceId));
        silo.Configure<EndpointOptions>(o =>
        {
            o.AdvertisedIPAddress = IPAddress.Parse(settings.Advertise);
            (o.SiloPort, o.GatewayPort) = (settings.SiloPort, settings.GatewayPort);
            if (settings.ListenOnAny)
            {
                o.SiloListeningEndpoint = new IPEndPoint(IPAddress.Any, settings.SiloPort);
                o.GatewayListeningEndpoint = settings.GatewayPort == 0 ? null : new IPEndPoint(IPAddress.Any, settings.GatewayPort);
            }
        });
        silo.Configure<ClusterMembershipOptions>(o => o.ProbeTimeout = ProbeTimeout);
        silo.AddPlacementDirector<OwnerPlacement, OwnerPlacementDirector>();
        silo.Services.AddSingleton<PlacementStrategy, OwnerPlacement>();
        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, cluster.ConnectionString));
        silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, cluster.ConnectionString));
        if (settings.TlsCertificate is not null)
        {
            silo.UseTls(ClusterTls.Read(settings).Configure);
        }
    }
}

/// <summary>
/// The clock for Orleans itself: real time, with timestamps counted from the start of the process. Orleans' watchdog may run before the
/// thread it watches has recorded its first timestamp (0); with timestamps counted from the machine's boot it then warned of a stall of
/// weeks.
/// </summary>
internal sealed class RuntimeClock : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long GetTimestamp() => System.GetTimestamp() - _start;
}
