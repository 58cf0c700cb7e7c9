using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSegments.Engine.Models;

/// <summary>
/// A published set of centroids with everything needed to place a customer; immutable. Index i refers to the same segment in centroids,
/// ids, names and descriptions; ids are stable across models and never reused. Serialized as JSON, bit-exact.
/// </summary>
public sealed record SegmentModel
{
    /// <summary>
    /// How much closer another centroid must be before a customer leaves, as a share of the distance: less lets customers near a border go to and fro,
    /// more lets them stay in segments that no longer describe them.
    /// </summary>
    public const double HysteresisMarginDefault = 0.15;

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web)
    {
        // A gate whose value could not be computed holds NaN or infinity, which must still be serialized.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>0 before the first training, then ascending.</summary>
    public required int Version { get; init; }

    /// <summary>Hash of the feature catalogue that the vectors were computed under.</summary>
    public required ulong CatalogueHash { get; init; }

    /// <summary>The features, in the order of every vector.</summary>
    public required IReadOnlyList<string> FeatureNames { get; init; }

    public required Scaling.FeatureScaling Scaling { get; init; }

    public required CentroidSet Centroids { get; init; }

    /// <summary>Stable id per centroid.</summary>
    public required int[] SegmentIds { get; init; }

    /// <summary>Unique name per centroid.</summary>
    public required string[] SegmentNames { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    /// <summary>The as-of instant at which the whole population was evaluated.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Number of customers trained on.</summary>
    public required long Population { get; init; }

    /// <summary>The id of the next new segment.</summary>
    public required int NextSegmentId { get; init; }

    /// <summary>Customers per centroid at <see cref="AsOf"/>, by nearest centroid.</summary>
    public IReadOnlyList<long> Sizes { get; init; } = [];

    public IReadOnlyList<SegmentDescription> Descriptions { get; init; } = [];

    /// <summary>Per segment, the number of consecutive trainings in which it was too small to keep its own centre.</summary>
    public IReadOnlyList<int> StarvedTrainings { get; init; } = [];

    public ModelQuality Quality { get; init; } = new();

    /// <summary>A customer leaves its segment only for a centroid closer by this share of the distance; 0 to below 1.</summary>
    public double HysteresisMargin { get; init; } = HysteresisMarginDefault;

    /// <summary>
    /// True for a model that was trained under another catalogue and then restricted to the features that both have; a training is due.
    /// </summary>
    public bool IsCarriedOver { get; init; }

    [JsonIgnore]
    public int SegmentCount => Centroids.Count;

    /// <summary>True for the model used before the first training.</summary>
    [JsonIgnore]
    public bool IsBootstrap => Version == 0;

    /// <summary>Places customers under this model; created once, thread-safe.</summary>
    [JsonIgnore]
    public SegmentClassifier Classifier => field ??= new SegmentClassifier(this);

    /// <summary>The model before the first training: one segment, id 0, "Everyone", that contains every customer.</summary>
    public static SegmentModel Bootstrap(ulong catalogueHash, IReadOnlyList<string> featureNames, DateTimeOffset at) => new()
    {
        Version = 0,
        CatalogueHash = catalogueHash,
        FeatureNames = featureNames,
        Scaling = Engine.Scaling.FeatureScaling.Identity(featureNames.Count),
        Centroids = new CentroidSet(1, featureNames.Count, new float[featureNames.Count]),
        SegmentIds = [0],
        SegmentNames = ["Everyone"],
        TrainedAt = at,
        AsOf = at,
        Population = 0,
        NextSegmentId = 1,
    };

    /// <exception cref="InvalidDataException">Thrown when the text is not a model or its parts contradict each other.</exception>
    public static SegmentModel FromJson(string json)
    {
        SegmentModel? model;
        try
        {
            model = JsonSerializer.Deserialize<SegmentModel>(json, JsonOptions);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The text is not a segment model: {e.Message}", e);
        }

        return model is null ? throw new InvalidDataException("The text is not a segment model: it is null.") : model.Checked();
    }

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>Index of a segment's centroid, or -1 when this model does not have the segment.</summary>
    public int IndexOf(int segmentId) => Array.IndexOf(SegmentIds, segmentId);

    public string NameOf(int segmentId) => IndexOf(segmentId) is >= 0 and var index ? SegmentNames[index] : $"Segment {segmentId}";

    /// <summary>Returns this model if its parts are consistent.</summary>
    /// <exception cref="InvalidDataException">Thrown otherwise; the message names the part.</exception>
    public SegmentModel Checked()
    {
        int k = Centroids.Count;
        Demand(FeatureNames.Count == Centroids.Dimensions, $"{FeatureNames.Count} feature names, centroids of {Centroids.Dimensions}");
        Demand(Scaling.Count == Centroids.Dimensions, $"scaling of {Scaling.Count} features, centroids of {Centroids.Dimensions}");
        Demand(SegmentIds.Length == k && SegmentIds.Distinct().Count() == k, $"{k} centroids need {k} different segment ids");
        Demand(SegmentNames.Length == k && SegmentNames.Distinct().Count() == k, $"{k} centroids need {k} different segment names");
        Demand(SegmentIds.All(id => id >= 0 && id < NextSegmentId), $"every segment id must be from 0 to below {NextSegmentId}");
        Demand(Sizes.Count == 0 || Sizes.Count == k, $"{Sizes.Count} sizes for {k} segments");
        Demand(Descriptions.Count == 0 || Descriptions.Count == k, $"{Descriptions.Count} descriptions for {k} segments");
        Demand(StarvedTrainings.Count == 0 || StarvedTrainings.Count == k, $"{StarvedTrainings.Count} starvation counts for {k} segments");
        Demand(HysteresisMargin is >= 0 and < 1, $"hysteresis margin {HysteresisMargin} must be from 0 to below 1");
        return this;
    }

    private void Demand(bool holds, string contradiction)
    {
        if (!holds)
        {
            throw new InvalidDataException($"Segment model {Version}: {contradiction}.");
        }
    }
}

/// <summary>What distinguishes a segment, strongest first, and the state that keeps its name stable.</summary>
/// <param name="Traits">The features behind the name.</param>
/// <param name="NamedAfter">The features that the name was made from, as <c>+feature</c> and <c>-feature</c>, sorted.</param>
/// <param name="DifferentFor">Number of consecutive models in which the leading features differed from <paramref
/// name="NamedAfter"/>.</param>
public sealed record SegmentDescription(
    IReadOnlyList<SegmentTrait> Traits,
    IReadOnlyList<string> NamedAfter,
    int DifferentFor)
{
    public static SegmentDescription None { get; } = new([], [], 0);
}

/// <summary>One feature in which a segment differs from the population.</summary>
/// <param name="Z">The segment's centre minus the population's mean, in population standard deviations.</param>
/// <param name="Phrase">Its phrase, for example "frequent".</param>
/// <param name="SegmentMean">The segment's centre in transformed units (before centring and scaling).</param>
/// <param name="PopulationMean">The population's mean in the same units.</param>
public sealed record SegmentTrait(string Feature, double Z, string Phrase, double SegmentMean, double PopulationMean)
{
    public bool IsHigh => Z > 0;
}
