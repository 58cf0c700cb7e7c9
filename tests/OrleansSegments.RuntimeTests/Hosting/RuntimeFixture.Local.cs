#if !USE_ORLEANS
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansSegments.LocalRuntime;
using OrleansSegments.LocalRuntime.Reminders;
using OrleansSegments.LocalRuntime.State;
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.TestKit.Time;

namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>One running silo on a clock of the test's own, on the local runtime. Its stores outlive a restart.</summary>
public sealed class RuntimeFixture : IAsyncDisposable
{
    private readonly RuntimeSettings _settings;
    private ServiceProvider _services;

    private RuntimeFixture(RuntimeSettings settings)
    {
        _settings = settings;
        _services = Build();
    }

    public ManualTimeProvider Clock { get; } = new();

    public Probe Probe { get; } = new();

    public MemoryGrainStateStore States { get; } = new();

    public MemoryReminderStore ReminderStore { get; } = new();

    public IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    private LocalSilo Silo => _services.GetRequiredService<LocalSilo>();

    public static async Task<RuntimeFixture> StartAsync(RuntimeSettings? settings = null)
    {
        var fixture = new RuntimeFixture(settings ?? new());
        await fixture.Silo.StartAsync(CancellationToken.None);
        return fixture;
    }

    public Task<int> CountActivations<TGrain>() => Task.FromResult(Silo.CountActivations()[typeof(TGrain).FullName!]);

    /// <summary>Ends what has been idle for its age.</summary>
    public Task CollectIdle()
    {
        Silo.CollectIdle();
        return Task.CompletedTask;
    }

    public Task StopAsync() => Silo.StopAsync(CancellationToken.None);

    /// <summary>A graceful stop, time passing, and a start on the same stores.</summary>
    public async Task RestartAsync(TimeSpan downFor = default)
    {
        await StopAsync();
        await _services.DisposeAsync();
        Clock.Advance(downFor);
        _services = Build();
        await Silo.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Probe.OpenAll();
        await _services.DisposeAsync();
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(Probe);
        services.AddSingleton<IGrainStateStore>(States);
        services.AddSingleton<IReminderStore>(ReminderStore);
        services.AddLocalRuntime(options =>
        {
            options.AddGrainAssembly(typeof(RuntimeFixture).Assembly);
            options.HandThrough(typeof(IAnswerGrain), nameof(IAnswerGrain.Later));
            options.MailboxCallsMax = _settings.MailboxCallsMax;
            options.ResponseTimeout = _settings.ResponseTimeout;
            options.CollectionAge = _settings.CollectionAge;
        });
        return services.BuildServiceProvider();
    }
}
#endif
