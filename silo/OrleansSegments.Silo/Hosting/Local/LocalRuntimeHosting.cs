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
    /// <summary>One process owns the store alone; a second one is refused.</summary>
    public const bool SharesStore = false;

    public static void AddGrainRuntime(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ISiloMembership, LoneSilo>();
        services.AddSingleton<IGrainStateStore, ControlGrainStateStore>();
        services.AddSingleton<IReminderStore, ControlReminderStore>();
        services.AddLocalRuntime(options =>
        {
            configuration.GetSection("Runtime").Bind(options);
            options.AddGrainAssembly(typeof(CustomerGrain).Assembly);

            // The store answers, and it limits how much may wait for it.
            options.HandThrough(typeof(ICustomerGrain), nameof(ICustomerGrain.Record));
        });
    }
}
