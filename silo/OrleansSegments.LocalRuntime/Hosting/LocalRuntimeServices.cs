using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans;
using OrleansSegments.LocalRuntime.Reminders;
using OrleansSegments.LocalRuntime.State;

namespace OrleansSegments.LocalRuntime;

/// <summary>Adds the local runtime to a host. The host must have registered a <see cref="TimeProvider"/>.</summary>
public static class LocalRuntimeServices
{
    /// <summary>
    /// Registers the silo, which starts and stops with the host, and the grain factory. Stores already registered are kept; the
    /// defaults live in memory.
    /// </summary>
    public static IServiceCollection AddLocalRuntime(this IServiceCollection services, Action<LocalRuntimeOptions> configure)
    {
        services.AddOptions<LocalRuntimeOptions>().Configure(configure).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<IGrainStateStore, MemoryGrainStateStore>();
        services.TryAddSingleton<IReminderStore, MemoryReminderStore>();
        services.AddSingleton<LocalSilo>();
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<LocalSilo>().Factory);
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<LocalSilo>().Factory);
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<LocalSilo>());
        return services;
    }
}
