using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Models;

/// <summary>The published model, its predecessors and the progress of its roll-out. One of it; key 0.</summary>
[Alias("model")]
public interface IModelGrain : IGrainWithIntegerKey
{
    /// <summary>The published model.</summary>
    [AlwaysInterleave, Alias("current")]
    ValueTask<PublishedModel> Current();

    /// <summary>Waits up to <paramref name="wait"/> for a model newer than the given version; null when none came.</summary>
    [AlwaysInterleave, Alias("next")]
    Task<PublishedModel?> Next(int afterVersion, TimeSpan wait);

    /// <summary>One trained model with its document, published or refused; null when unknown or no longer kept.</summary>
    [AlwaysInterleave, Alias("find")]
    Task<PublishedModel?> Find(int version);

    /// <summary>All models that are kept, newest first.</summary>
    [AlwaysInterleave, Alias("list")]
    ValueTask<ModelSummary[]> List();

    /// <summary>Keeps a trained model; publishes it, durable first, when its summary says published.</summary>
    [Alias("submit")]
    Task<PublishedModel> Submit(TrainedModel model);

    /// <summary>Publishes an earlier model again, under a new version; null when it is not kept.</summary>
    [Alias("republish")]
    Task<PublishedModel?> Republish(int version);

    /// <summary>How far the current model has reached.</summary>
    [AlwaysInterleave, Alias("rollout")]
    ValueTask<RolloutProgress> Rollout();

    /// <summary>How far the roll-out has come; from the one who steers it. Takes its turn among the writes.</summary>
    [Alias("report")]
    Task Report(RolloutProgress progress);
}
