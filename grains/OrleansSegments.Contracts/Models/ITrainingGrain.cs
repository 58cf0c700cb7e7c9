using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Models;

/// <summary>Recomputes the centroids over the whole population, on a schedule and on demand. One of it; key 0.</summary>
[Alias("training")]
public interface ITrainingGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure the schedule runs, and begins a training that fell due while no silo ran. Every silo asks at its start, also in the middle of a training.</summary>
    [AlwaysInterleave, Alias("ensure-scheduled")]
    Task EnsureScheduled();

    /// <summary>Trains now; completes when the model is published or refused.</summary>
    [Alias("train"), ResponseTimeout("00:10:00")]
    Task<TrainingReport> Train(TrainingRequest request);
}
