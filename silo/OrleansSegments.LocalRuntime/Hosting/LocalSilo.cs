using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;
using OrleansSegments.LocalRuntime.Calls;
using OrleansSegments.LocalRuntime.Reminders;

namespace OrleansSegments.LocalRuntime;

/// <summary>
/// The one silo of this process. Calls are served between <see cref="StartAsync"/> and <see cref="StopAsync"/>; a stop refuses new
/// activations, runs the deactivation hooks, and is done when they are or at its deadline.
/// </summary>
public sealed class LocalSilo : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _startedAt;
    private readonly List<ITimer> _sweeps = [];
    private readonly IdleCollector _collector;
    private volatile bool _isOpen;
    private long _milliseconds;

    public LocalSilo(
        IServiceProvider services, IOptions<LocalRuntimeOptions> options, TimeProvider clock, IReminderStore reminderStore, ILogger<LocalSilo> log)
    {
        Services = services;
        Options = options.Value;
        Clock = clock;
        Log = log;
        _startedAt = clock.GetTimestamp();
        MailboxCallsMax = Options.MailboxCallsMax;
        InlineDepthMax = Options.InlineDepthMax;
        Stopping = _stopping.Token;
        Factory = new LocalGrainFactory(this);
        Catalog = new GrainCatalog(this);
        Reminders = new ReminderService(this, reminderStore);
        _collector = new IdleCollector(this, Catalog.Classes);
    }

    internal IServiceProvider Services { get; }

    internal LocalRuntimeOptions Options { get; }

    internal int MailboxCallsMax { get; }

    internal int InlineDepthMax { get; }

    internal TimeProvider Clock { get; }

    internal ILogger Log { get; }

    internal LocalGrainFactory Factory { get; }

    internal GrainCatalog Catalog { get; }

    internal ReminderService Reminders { get; }

    internal CallDeadlines Deadlines { get; } = new();

    internal CancellationToken Stopping { get; }

    /// <summary>Seconds since the silo was made, as of the last sweep: what activations note as their last use.</summary>
    internal int Seconds { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Tick();
        _isOpen = true;
        await Reminders.StartAsync(cancellationToken);
        _sweeps.Add(Every(Options.DeadlineSweepPeriod, static silo => silo.Tick()));
        _sweeps.Add(Every(Options.CollectionSweepPeriod, static silo => silo.CollectIdle()));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_isOpen)
        {
            return;
        }

        Reminders.Stop();
        _isOpen = false;
        using var deadline = new CancellationTokenSource(Options.ShutdownDeadline, Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await new ShutdownSweep(this).RunAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            Log.LogWarning("The silo stopped before all its grains had deactivated; {Left} were left.", CountActivations().Values.Sum());
        }

        foreach (var sweep in _sweeps)
        {
            await sweep.DisposeAsync();
        }

        Deadlines.Close();
        await _stopping.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    /// <summary>Activations in memory, by the name of their grain class.</summary>
    public IReadOnlyDictionary<string, int> CountActivations() =>
        Catalog.Classes.ToDictionary(grainClass => grainClass.Type.FullName!, grainClass => grainClass.Count);

    /// <summary>Ends what is idle for its collection age now, without waiting for the sweep; returns how many.</summary>
    public int CollectIdle()
    {
        Tick();
        return _collector.Sweep(Options.CollectionsPerSweepMax);
    }

    internal void ThrowIfClosed()
    {
        if (!_isOpen)
        {
            throw new SiloUnavailableException("The silo is not running: it has not started, or it is stopping and makes no new activations.");
        }
    }

    /// <summary>A deadline on the coarse clock, never early.</summary>
    internal long DueAt(TimeSpan timeout) => timeout == Timeout.InfiniteTimeSpan ? long.MaxValue :
        Volatile.Read(ref _milliseconds) + (long)(timeout + Options.DeadlineSweepPeriod).TotalMilliseconds;

    private void Tick()
    {
        var elapsed = Clock.GetElapsedTime(_startedAt);
        Volatile.Write(ref _milliseconds, (long)elapsed.TotalMilliseconds);
        Seconds = (int)elapsed.TotalSeconds;
        Deadlines.Sweep(_milliseconds);
    }

    private ITimer Every(TimeSpan period, Action<LocalSilo> sweep) => Clock.CreateTimer(
        _ =>
        {
            try
            {
                sweep(this);
            }
            catch (Exception error)
            {
                Log.LogError(error, "A sweep of the silo failed; the next one tries again.");
            }
        },
        null,
        period,
        period);
}
