using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Segments;

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

/// <summary>A model as it travels to the silos.</summary>
/// <param name="Document">The engine's JSON document of it: scaling, centroids, segment ids.</param>
[GenerateSerializer, Immutable, Alias("published-model")]
public sealed record PublishedModel([property: Id(0)] int Version, [property: Id(1)] byte[] Document, [property: Id(2)] ModelSummary Summary);

/// <summary>A model without its centroids.</summary>
/// <param name="Version">The published version, or for a refused one the version it would have had.</param>
/// <param name="AsOf">The one instant at which every customer's features were evaluated.</param>
/// <param name="Population">Customers it was trained on.</param>
/// <param name="Measures">Inertia, silhouette, stability, rounds and the like, by name.</param>
/// <param name="Gates">The quality gates with their values.</param>
[GenerateSerializer, Immutable, Alias("model-summary")]
public sealed record ModelSummary(
    [property: Id(0)] int Version,
    [property: Id(1)] bool Published,
    [property: Id(2)] string Reason,
    [property: Id(3)] DateTimeOffset TrainedAt,
    [property: Id(4)] DateTimeOffset AsOf,
    [property: Id(5)] long Population,
    [property: Id(6)] int SegmentCount,
    [property: Id(7)] Dictionary<string, double> Measures,
    [property: Id(8)] GateView[] Gates);

/// <summary>One quality gate of a training.</summary>
[GenerateSerializer, Immutable, Alias("gate-view")]
public sealed record GateView(
    [property: Id(0)] string Name, [property: Id(1)] double Value, [property: Id(2)] double Bound, [property: Id(3)] bool Passed, [property: Id(4)] string Sentence);

/// <summary>How far a model has reached. Complete only when every customer, in memory or not, was evaluated under it.</summary>
/// <param name="Evaluated">Customers evaluated so far.</param>
/// <param name="Moved">Of those, how many changed segment.</param>
[GenerateSerializer, Immutable, Alias("rollout-progress")]
public sealed record RolloutProgress(
    [property: Id(0)] int ModelVersion,
    [property: Id(1)] bool Complete,
    [property: Id(2)] long Evaluated,
    [property: Id(3)] long Moved,
    [property: Id(4)] DateTimeOffset StartedAt,
    [property: Id(5)] DateTimeOffset? CompletedAt);

/// <summary>What to train.</summary>
/// <param name="SegmentCount">Fixes K; null leaves the choice to the configured range (first training) or the published model (later ones).</param>
/// <param name="Replan">Chooses K anew although a model is published.</param>
/// <param name="Force">Publishes although a quality gate says no; the gates are still reported.</param>
[GenerateSerializer, Immutable, Alias("training-request")]
public sealed record TrainingRequest(
    [property: Id(0)] int? SegmentCount = null, [property: Id(1)] bool Replan = false, [property: Id(2)] bool Force = false);

/// <summary>What a training came to.</summary>
/// <param name="Summary">Null when there was nothing to train on; <paramref name="Reason"/> says so.</param>
[GenerateSerializer, Immutable, Alias("training-report")]
public sealed record TrainingReport(
    [property: Id(0)] bool Published, [property: Id(1)] string Reason, [property: Id(2)] ModelSummary? Summary, [property: Id(3)] TimeSpan Elapsed);

/// <summary>A model as the trainer hands it in; its version is the one the trainer was told to use.</summary>
/// <param name="Definitions">What it says of its segments, and of those it ends.</param>
[GenerateSerializer, Immutable, Alias("trained-model")]
public sealed record TrainedModel(
    [property: Id(0)] int Version, [property: Id(1)] byte[] Document, [property: Id(2)] ModelSummary Summary, [property: Id(3)] SegmentDefinition[] Definitions);
