#if !USE_ORLEANS
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansSegments.LocalRuntime;

namespace OrleansSegments.Benchmarks.Runtime;

/// <summary>A silo on the local runtime with nothing but the benchmark's grains.</summary>
internal sealed class BenchmarkSilo : IDisposable
{
    private readonly ServiceProvider _services;

    public BenchmarkSilo()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddLocalRuntime(options => options.AddGrainAssembly(typeof(CounterGrain).Assembly));
        _services = services.BuildServiceProvider();
        _services.GetRequiredService<LocalSilo>().StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        Grains = _services.GetRequiredService<IGrainFactory>();
    }

    public IGrainFactory Grains { get; }

    public void Dispose() => _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
#endif
