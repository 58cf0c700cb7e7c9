using System.Threading.Channels;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Simulator;

namespace OrleansSegments.Tools.Demo;

/// <summary>Simulated shoppers as customer events, a slice of simulated time at a time, prepared ahead on a thread of its own.</summary>
internal sealed class ShopperSource : IAsyncDisposable
{
    private const int SlicesAheadMax = 4;

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<SimulationSlice> _slices = Channel.CreateBounded<SimulationSlice>(SlicesAheadMax);
    private readonly Task _producer;

    /// <param name="fromDay">The simulated day with which it begins.</param>
    public ShopperSource(Simulation simulation, int fromDay = 0) => _producer = Task.Factory.StartNew(
        () => Produce(simulation.From(fromDay)), _stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    /// <summary>The next slice; null at the end of the simulation.</summary>
    public async ValueTask<SimulationSlice?> NextAsync(CancellationToken cancellationToken) =>
        await _slices.Reader.WaitToReadAsync(cancellationToken) && _slices.Reader.TryRead(out SimulationSlice? slice) ? slice : null;

    public static CustomerEvent Convert(in SimulatedEvent source) => new(
        source.CustomerId,
        source.MessageId.ToString("N"),
        source.Type switch
        {
            SimulatedEventType.Identify => EventKind.Identify,
            SimulatedEventType.Page => EventKind.Page,
            _ => EventKind.Track,
        },
        source.Name,
        source.OccurredAt.ToUnixTimeMilliseconds(),
        source.Properties,
        source.Context);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _producer.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task Produce(SimulationPartition partition)
    {
        try
        {
            while (partition.NextSlice() is { } slice)
            {
                await _slices.Writer.WriteAsync(slice, _stop.Token);
            }

            _slices.Writer.Complete();
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            _slices.Writer.Complete(problem);
        }
    }
}
