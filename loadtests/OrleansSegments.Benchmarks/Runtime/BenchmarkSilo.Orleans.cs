#if USE_ORLEANS
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using OrleansSegments.Silo.Hosting.Orleans;

namespace OrleansSegments.Benchmarks.Runtime;

/// <summary>A silo on Orleans with nothing but the benchmark's grains.</summary>
internal sealed class BenchmarkSilo : IDisposable
{
    private readonly IHost _host;

    public BenchmarkSilo()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: 1, gatewayPort: 0);
            silo.Services.CloseSiloPorts();
        });
        _host = builder.Build();
        _host.StartAsync().GetAwaiter().GetResult();
        Grains = _host.Services.GetRequiredService<IGrainFactory>();
    }

    public IGrainFactory Grains { get; }

    public void Dispose()
    {
        _host.StopAsync().GetAwaiter().GetResult();
        _host.Dispose();
    }
}
#endif
