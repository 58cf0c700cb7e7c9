using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Contracts.Models;

/// <summary>The published model, its predecessors and the progress of its roll-out. A single grain; key 0.</summary>
[Alias("model")]
public interface IModelGrain : IGrainWithIntegerKey
{
    /// <summary>The published model.</summary>
    [AlwaysInterleave, Alias("current")]
    ValueTask<PublishedModel> Current();

    /// <summary>
    /// Long poll: waits up to <paramref name="wait"/> for a model newer than the given version; null when none was published.
    /// </summary>
    [AlwaysInterleave, Alias("next")]
    Task<PublishedModel?> Next(int afterVersion, TimeSpan wait);

    /// <summary>One trained model with its document, published or refused; null when unknown or no longer kept.</summary>
    [AlwaysInterleave, Alias("find")]
    Task<PublishedModel?> Find(int version);

    /// <summary>All kept models, newest first.</summary>
    [AlwaysInterleave, Alias("list")]
    ValueTask<ModelSummary[]> List();

    /// <summary>Stores a trained model; if its summary says published, also publishes it once it is durable.</summary>
    [Alias("submit")]
    Task<PublishedModel> Submit(TrainedModel model);

    /// <summary>Publishes an earlier model again, under a new version; null when it is not kept.</summary>
    [Alias("republish")]
    Task<PublishedModel?> Republish(int version);

    /// <summary>Progress of the current model's roll-out.</summary>
    [AlwaysInterleave, Alias("rollout")]
    ValueTask<RolloutProgress> Rollout();

    /// <summary>Takes a progress report from the driver of the roll-out. Does not interleave with writes.</summary>
    [Alias("report")]
    Task Report(RolloutProgress progress);
}

/// <summary>Recomputes the centroids over the whole population, on a schedule and on demand. A single grain; key 0.</summary>
[Alias("training")]
public interface ITrainingGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Ensures that the schedule runs, and starts a training that fell due while no silo ran. Every silo calls it at its start, possibly
    /// during a training.
    /// </summary>
    [AlwaysInterleave, Alias("ensure-scheduled")]
    Task EnsureScheduled();

    /// <summary>Trains now; completes when the model is published or refused.</summary>
    [Alias("train"), ResponseTimeout("00:10:00")]
    Task<TrainingReport> Train(TrainingRequest request);

    /// <summary>What the trainer does now, did last and does next.</summary>
    [AlwaysInterleave, Alias("progress")]
    Task<TrainingProgress> Progress();
}

/// <summary>A model as it is sent to the silos.</summary>
/// <param name="Document">The engine's JSON document: scaling, centroids, segment ids.</param>
[GenerateSerializer, Immutable, Alias("published-model")]
public sealed record PublishedModel([property: Id(0)] int Version, [property: Id(1)] byte[] Document, [property: Id(2)] ModelSummary Summary);

/// <summary>A model without its centroids.</summary>
/// <param name="Version">The published version; for a refused model the version it would have had.</param>
/// <param name="AsOf">The as-of instant at which every customer's features were evaluated.</param>
/// <param name="Population">Customers it was trained on.</param>
/// <param name="Measures">Inertia, silhouette, stability, rounds and the like, by name.</param>
/// <param name="Gates">The quality gates with their values.</param>
/// <param name="Catalogue">Hash of the feature catalogue that the model places customers by, 16 hexadecimal digits.</param>
/// <param name="FeaturesSince">When features began to be collected that began later than the store, by name.</param>
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
    [property: Id(8)] GateView[] Gates,
    [property: Id(9)] string? Catalogue = null,
    [property: Id(10)] Dictionary<string, DateTimeOffset>? FeaturesSince = null);

/// <summary>One quality gate of a training.</summary>
[GenerateSerializer, Immutable, Alias("gate-view")]
public sealed record GateView(
    [property: Id(0)] string Name, [property: Id(1)] double Value, [property: Id(2)] double Bound, [property: Id(3)] bool Passed, [property: Id(4)] string Sentence);

/// <summary>Progress of a model's roll-out. Complete only when every customer, in memory or not, was evaluated under the model.</summary>
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

/// <summary>Parameters of a training.</summary>
/// <param name="SegmentCount">Fixes K; null leaves the choice to the configured range (first training) or the published model (later ones).</param>
/// <param name="Replan">Chooses K again although a model is published.</param>
/// <param name="Force">Publishes even when a quality gate fails; the gates are still reported.</param>
[GenerateSerializer, Immutable, Alias("training-request")]
public sealed record TrainingRequest(
    [property: Id(0)] int? SegmentCount = null, [property: Id(1)] bool Replan = false, [property: Id(2)] bool Force = false);

/// <summary>The result of a training.</summary>
/// <param name="Summary">Null when there were too few customers to train on; <paramref name="Reason"/> says so.</param>
[GenerateSerializer, Immutable, Alias("training-report")]
public sealed record TrainingReport(
    [property: Id(0)] bool Published, [property: Id(1)] string Reason, [property: Id(2)] ModelSummary? Summary, [property: Id(3)] TimeSpan Elapsed);

/// <summary>What the trainer does now, did last and does next. All times are on the store's clock.</summary>
/// <param name="Stage">
/// In this order: reading customers, choosing the number of segments (only when it is not given), refining, checking, publishing. Null while no training runs.
/// </param>
/// <param name="StartedAt">Null while no training runs.</param>
/// <param name="Rounds">While refining, how often all customers have been assigned to the nearest centre and the centres moved; 0 in other stages. Nobody knows the number of rounds before the last.</param>
/// <param name="Last">Null before the first training.</param>
/// <param name="NextAt">When the schedule trains next; past while that training is due or runs, null when there is no schedule.</param>
[GenerateSerializer, Immutable, Alias("training-progress")]
public sealed record TrainingProgress(
    [property: Id(0)] bool Running,
    [property: Id(1)] string? Stage,
    [property: Id(2)] DateTimeOffset? StartedAt,
    [property: Id(3)] int Rounds,
    [property: Id(4)] LastTraining? Last,
    [property: Id(5)] DateTimeOffset? NextAt);

/// <summary>How the last training ended.</summary>
/// <param name="Reason">Why the model was published or refused, or why there is none.</param>
/// <param name="ModelVersion">The version of the model; null when the training made none.</param>
[GenerateSerializer, Immutable, Alias("last-training")]
public sealed record LastTraining(
    [property: Id(0)] bool Published, [property: Id(1)] string Reason, [property: Id(2)] int? ModelVersion, [property: Id(3)] DateTimeOffset EndedAt);

/// <summary>A model as submitted by the trainer, with the version assigned to the trainer.</summary>
/// <param name="Definitions">Definitions of its segments and of the segments that it ends.</param>
[GenerateSerializer, Immutable, Alias("trained-model")]
public sealed record TrainedModel(
    [property: Id(0)] int Version, [property: Id(1)] byte[] Document, [property: Id(2)] ModelSummary Summary, [property: Id(3)] SegmentDefinition[] Definitions);
