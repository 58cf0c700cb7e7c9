using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Silos;
using OrleansSegments.LocalRuntime;
using OrleansSegments.LocalRuntime.Reminders;
using OrleansSegments.LocalRuntime.State;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The grain runtime of the local flavour: one process, its control state in the store.</summary>
internal static class GrainRuntimeHosting
{
    /// <summary>Whether several silos can work on one store. Here one process owns it alone.</summary>
    public static bool CanCluster => false;

    /// <param name="cluster">Always null: nobody gets to name a cluster here.</param>
    public static void AddGrainRuntime(this WebApplicationBuilder builder, ClusterPlace? cluster)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton<ISiloMembership, LoneSilo>();
        services.AddSingleton<IGrainStateStore, ControlGrainStateStore>();
        services.AddSingleton<IReminderStore, ControlReminderStore>();
        services.AddSingleton<INearbyCustomers, LocalCustomers>();
        services.AddLocalRuntime(options =>
        {
            builder.Configuration.GetSection("Runtime").Bind(options);
            options.AddGrainAssembly(typeof(CustomerGrain).Assembly);

            // The store answers, and it limits how much may wait for it.
            options.HandThrough(typeof(ICustomerGrain), nameof(ICustomerGrain.Record));
        });
    }

    /// <summary>Never reached: nobody gets to name a cluster here.</summary>
    public static void AddGrainClient(this WebApplicationBuilder builder, ClusterPlace cluster) =>
        throw new NotSupportedException($"The local runtime is one process; {builder.Environment.ApplicationName} cannot be a client of cluster {cluster.Settings.Id}.");
}
