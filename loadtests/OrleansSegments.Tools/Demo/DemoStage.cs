using OrleansSegments.Contracts.Models;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Demo;

/// <summary>The moving parts of a demonstration.</summary>
internal sealed class DemoStage(SiloHost host, EventPipeline pipeline, ShopperSource shoppers)
{
    private Task _training = Task.CompletedTask;

    public SiloHost Host => host;

    public EventPipeline Pipeline => pipeline;

    /// <summary>Where the events come from.</summary>
    public ShopperSource Shoppers { get; set; } = shoppers;

    public ReplayClock Clock => (ReplayClock)host.Clock;

    /// <summary>The outcome of the last training that ended, in a few words.</summary>
    public string LastTraining { get; private set; } = "";

    /// <summary>Plays the next slice of simulated time: its events, then what time alone does. False at the end of the simulation.</summary>
    public async Task<bool> PlaySliceAsync(CancellationToken cancellationToken)
    {
        SimulationSlice? slice = await Shoppers.NextAsync(cancellationToken);
        if (slice is null)
        {
            return false;
        }

        for (int i = 0; i < slice.Events.Length; i++)
        {
            Clock.AdvanceTo(slice.Events.Span[i].DeliveredAt);
            await pipeline.SendAsync(ShopperSource.Convert(slice.Events.Span[i]), cancellationToken);
        }

        Clock.AdvanceTo(slice.Until);
        await host.ServeDeadlinesAsync(cancellationToken);
        return true;
    }

    /// <summary>Starts a training beside the simulation, unless one is running.</summary>
    public void BeginTraining(TrainingRequest request, CancellationToken cancellationToken)
    {
        if (_training.IsCompleted)
        {
            _training = TrainAsync(request, cancellationToken);
        }
    }

    /// <summary>Trains and waits until the model has reached everyone.</summary>
    public Task TrainAsync(CancellationToken cancellationToken) => TrainAsync(new TrainingRequest(), cancellationToken);

    /// <summary>Waits for the training under way and serves everyone who is due.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await _training;
        await host.ServeDeadlinesAsync(cancellationToken);
    }

    private async Task TrainAsync(TrainingRequest request, CancellationToken cancellationToken)
    {
        TrainingReport report = await host.Grains.GetGrain<ITrainingGrain>(0).Train(request);
        LastTraining = report.Published ? $"model {report.Summary!.Version} published" : $"model refused: {report.Reason}";
        if (report.Published)
        {
            await host.WaitForRolloutAsync(report.Summary!.Version, cancellationToken);
        }
    }
}
