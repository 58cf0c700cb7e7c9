using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.Webhooks;

/// <summary>Registers the webhooks of a silo.</summary>
public static class WebhookHosting
{
    /// <param name="clock">The real clock: receivers live in the present, whatever the store's clock says.</param>
    public static void AddWebhooks(this IServiceCollection services, IConfiguration configuration, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<WebhookOptions>().Bind(configuration.GetSection(WebhookOptions.Section));
        services.AddSingleton(provider => new WebhookServices(
            provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<IOptions<WebhookOptions>>(), clock, provider.GetRequiredService<IHostApplicationLifetime>()));
        services.AddHostedService<WebhookKeeper>();
    }
}

/// <summary>What the webhooks of a silo share: the newest transitions, the connections, the metrics.</summary>
public sealed class WebhookServices : IDisposable
{
    private readonly ConcurrentDictionary<long, Func<CourierProgress>> _progress = new();
    private readonly WebhookMetrics _metrics = new();
    private readonly ChangeTail _tail;
    private readonly CourierServices _couriers;

    internal WebhookServices(IGrainFactory grains, IOptions<WebhookOptions> options, TimeProvider clock, IHostApplicationLifetime host)
    {
        (Clock, Options) = (clock, options.Value);
        Sender = new WebhookSender(options, clock);
        _tail = new ChangeTail(grains);
        _couriers = new CourierServices(
            _tail.ReadAsync, Sender.SendAsync, delivery => _metrics.Sent(delivery.Delivered), clock, Options.DisableAfter, host.ApplicationStopping);
        _metrics.Observe(WebhookStates.All, () => [.. _progress.Values.Select(static read => read()).Select(progress => (WebhookStates.Of(progress), LagOf(progress)))]);
    }

    internal TimeProvider Clock { get; }

    internal WebhookOptions Options { get; }

    internal WebhookSender Sender { get; }

    /// <summary>True once the silo stops: no courier runs any more.</summary>
    internal bool IsStopping => _couriers.Stopping.IsCancellationRequested;

    /// <summary>The webhooks of this silo.</summary>
    internal IEnumerable<long> Ids => _progress.Keys;

    public void Dispose()
    {
        Sender.Dispose();
        _metrics.Dispose();
    }

    internal WebhookCourier Start(WebhookTarget target, WebhookState state) => new(target, state.Progress, state.Deliveries, _couriers);

    /// <summary>How many transitions of the log are behind the cursor, as far as this silo has read.</summary>
    internal long LagOf(CourierProgress progress) => Math.Max(0, _tail.Newest - progress.Cursor);

    /// <summary>Notes how to ask how far a webhook of this silo is, for the metrics.</summary>
    internal void Note(long id, Func<CourierProgress> progress) => _progress[id] = progress;

    internal void Forget(long id) => _progress.TryRemove(id, out _);
}

/// <summary>Keeps every webhook running, also when the silo that ran it has died. Receivers that fail do not touch the silo's health.</summary>
internal sealed partial class WebhookKeeper(IGrainFactory grains, WebhookServices services, ILogger<WebhookKeeper> logger) : BackgroundService
{
    /// <summary>How long the webhooks of a dead silo stand still at most, once the others know that it is dead.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Calls under way at once.</summary>
    private const int CallsMax = 16;

    /// <summary>Has the cursors written before the grains go: a single silo does not wait for them.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!cancellationToken.IsCancellationRequested)
        {
            await EnsureRunningAsync(services.Ids, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            try
            {
                await EnsureRunningAsync(await grains.GetGrain<IWebhookList>(0).Ids(), stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(logger, "the list", problem.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private Task EnsureRunningAsync(IEnumerable<long> ids, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        ids, new ParallelOptions { MaxDegreeOfParallelism = CallsMax, CancellationToken = cancellationToken }, async (id, _) => await EnsureRunningAsync(id));

    /// <summary>One webhook whose state cannot be read does not keep the others from running.</summary>
    private async Task EnsureRunningAsync(long id)
    {
        try
        {
            await grains.GetGrain<IWebhookGrain>(id).EnsureRunning();
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            LogFailed(logger, $"webhook {id}", problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Keeping webhooks running: {What} did not answer and is asked again in a few seconds: {Problem}")]
    private static partial void LogFailed(ILogger logger, string what, string problem);
}
