using System.Net;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using Orleans.Runtime.GrainDirectory;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The grain runtime: a silo alone or one of a cluster, its control state in the store.</summary>
internal static class GrainRuntimeHosting
{
    /// <summary>Where grain classes keep control state; the name stands in their constructors.</summary>
    private const string ControlStorage = "control";

    /// <summary>Nobody reaches a silo that is alone, so this number is a name and no port.</summary>
    private const int LoneSiloPort = 1;

    /// <summary>A silo that leaves three probes of so long without an answer is given up. A full collection over a million grains takes a few seconds.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How often a call follows a grain that leaves as it arrives; a customer whose write is refused leaves at once, and two in a row are not rare.</summary>
    private const int ForwardsMax = 8;

    /// <summary>Calls that wait in one grain's mailbox or are under way in it; above it callers are refused and sent away with 429.</summary>
    public const int MailboxCallsMax = 10_000;

    /// <summary>A turn that takes longer is told of. A busy machine and a full collection over a million grains make one of a few seconds; calls time out after 30.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(10);

    public static void AddGrainRuntime(this WebApplicationBuilder builder, ClusterPlace? cluster)
    {
        // The silo's own affairs (membership, time-outs, reminders) happen in real time; the clock that grains are given may be replaying history.
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

    /// <summary>The way to the grains of a cluster from a process that is none of its silos.</summary>
    public static void AddGrainClient(this WebApplicationBuilder builder, ClusterPlace cluster) => builder.UseOrleansClient(client =>
    {
        client.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (cluster.Settings.Id, cluster.Settings.ServiceId));
        client.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (AdoNet.Invariant, cluster.ConnectionString));
        client.UseConnectionRetryFilter<PatientConnection>();
        client.Services.LetFailuresTravel();
        if (cluster.Settings.TlsCertificate is not null)
        {
            client.UseTls(ClusterTls.Read(cluster.Settings).Configure);
        }
    });

    /// <summary>
    /// A grain on another silo fails with the store's or the driver's exceptions as one on this silo does. Orleans hands over only those of namespaces
    /// that it is told of; of another it says that it cannot, which callers would take for a bug of theirs.
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
/// The clock of Orleans' own affairs: real time, with timestamps that count from the start of the process. Its watchdog may look for the first time before
/// the other thread has left its first timestamp; the system's timestamps count from the machine's start, so that it warned of a stall of weeks.
/// </summary>
internal sealed class RuntimeClock : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long GetTimestamp() => System.GetTimestamp() - _start;
}
