using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansSegments.Contracts.Bus;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Bus;

/// <summary>
/// Owns how far the transition log and the models are published. Key: 0. Its loop runs in turns of this grain, of which a cluster has one. A crash loses nothing: what was
/// published after the last write of the cursor is published again. The first one starts with the next transition.
/// </summary>
internal sealed partial class ChangePublisher(
    [PersistentState("publisher", "control")] IPersistentState<PublisherState> state,
    IServiceProvider services,
    BusMetrics metrics,
    IOptions<BusOptions> options,
    TimeProvider clock,
    ILogger<ChangePublisher> logger) : Grain, IChangePublisher, IDisposable
{
    /// <summary>The longest wait for a transition: below the 30 s that a grain call may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CursorInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _end = new();
    private readonly IBus? _bus = services.GetService<IBus>();
    private Task _loop = Task.CompletedTask;
    private DateTimeOffset _writtenAt;
    private bool _isWritten = true;
    private string? _problem;

    public Task EnsureRunning()
    {
        if (_bus is not null && _loop.IsCompleted && !_end.IsCancellationRequested)
        {
            _loop = RunAsync(_bus, _end.Token);
        }

        return Task.CompletedTask;
    }

    public ValueTask<PublisherView> View() => new(_bus is null
        ? new PublisherView(false, null, null, 0, null)
        : new PublisherView(true, options.Value.Shown, options.Value.Queue, state.State.Sequence, _problem));

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _end.CancelAsync();
        await _loop;
        if (state.RecordExists && !_isWritten)
        {
            await WriteAsync();
        }
    }

    public void Dispose() => _end.Dispose();

    private async Task RunAsync(IBus bus, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await StartAsync();
                await PublishNextAsync(bus, end);
                _problem = null;
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The grain goes; the next one starts at the stored cursor.
            }
            catch (InconsistentStateException)
            {
                // Another activation has written since: this one is a remainder of a lost membership.
                DeactivateOnIdle();
                return;
            }
            catch (Exception problem) when (problem is not OutOfMemoryException)
            {
                // Warned of once an outage: the broker's library tells its attempts to connect by itself.
                if (_problem is null)
                {
                    LogProblem(logger, problem);
                }

                _problem = problem.Message;
                await Task.Delay(RetryInterval, clock, end).ContinueWith(static _ => { }, TaskScheduler.Current);
            }
        }
    }

    /// <summary>Nothing that happened before the bus was first switched on is published.</summary>
    private async Task StartAsync()
    {
        if (!state.RecordExists)
        {
            state.State.Sequence = (await GrainFactory.GetGrain<ISegmentCensus>(0).Take(withStatistics: false)).Sequence;
            state.State.ModelVersion = (await GrainFactory.GetGrain<IModelGrain>(0).Current()).Version;
            await WriteAsync();
        }
    }

    private async Task PublishNextAsync(IBus bus, CancellationToken end)
    {
        TransitionView[] changes = await GrainFactory.GetGrain<IChangeFeed>(0).Read(state.State.Sequence, options.Value.PublishedAtOnceMax, Patience).WaitAsync(end);
        await PublishModelsAsync(bus, end);

        // A customer's changes follow one another; those of different customers go at the same time.
        await Task.WhenAll(changes.GroupBy(change => change.CustomerId, StringComparer.Ordinal).Select(one => PublishInOrderAsync(bus, one, end)));
        if (changes is [.., TransitionView last])
        {
            (state.State.Sequence, _isWritten) = (last.Sequence, false);
            if (clock.GetUtcNow() - _writtenAt >= CursorInterval)
            {
                await WriteAsync();
            }
        }
    }

    private async Task PublishInOrderAsync(IBus bus, IEnumerable<TransitionView> changes, CancellationToken end)
    {
        foreach (TransitionView change in changes)
        {
            await PublishAsync(
                bus,
                new CustomerSegmentChanged(change.Sequence, change.CustomerId, change.From, change.To, change.Cause, change.ModelVersion, change.OccurredAt),
                end);
            if (change is { Cause: "merge", To: null })
            {
                MergedInto? owner = await GrainFactory.GetGrain<ICustomerGrain>(CustomerKey.Of(change.CustomerId)).MergedInto();
                await PublishAsync(bus, new CustomerMerged(change.Sequence, change.CustomerId, owner?.Owners is [.., AliasClaim now] ? now.AliasId : null, change.OccurredAt), end);
            }
        }
    }

    /// <summary>Before the transitions that a model causes.</summary>
    private async Task PublishModelsAsync(IBus bus, CancellationToken end)
    {
        IModelGrain models = GrainFactory.GetGrain<IModelGrain>(0);
        if ((await models.Current()).Version == state.State.ModelVersion)
        {
            return;
        }

        foreach (ModelSummary model in (await models.List()).Where(x => x.Published && x.Version > state.State.ModelVersion).OrderBy(x => x.Version))
        {
            await PublishAsync(bus, new ModelPublished(model.Version, model.Population, model.AsOf), end);
            state.State.ModelVersion = model.Version;
        }

        await WriteAsync();
    }

    private async Task PublishAsync<T>(IBus bus, T message, CancellationToken end)
        where T : class
    {
        await bus.Publish(message, end);
        metrics.Published();
    }

    private Task WriteAsync()
    {
        (_isWritten, _writtenAt) = (true, clock.GetUtcNow());
        return state.WriteStateAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Changes cannot be published; they wait in the store until the broker takes them")]
    private static partial void LogProblem(ILogger logger, Exception problem);
}

/// <summary>Persistent state of the publisher.</summary>
public sealed class PublisherState
{
    public long Sequence { get; set; }

    public int ModelVersion { get; set; }
}
