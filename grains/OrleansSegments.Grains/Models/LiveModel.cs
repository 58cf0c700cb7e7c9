using System.Collections.Frozen;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Models;

/// <summary>The published model, prepared for classification. Immutable and shared by all customers of a silo.</summary>
public sealed class LiveModel
{
    private readonly FrozenDictionary<int, int> _indexBySegmentId;
    private readonly FrozenDictionary<int, EarlierSegment> _earlier;

    /// <param name="rolloutComplete">True when every customer was evaluated under this model.</param>
    /// <param name="earlier">Segments of earlier models; customers leave them while a roll-out runs.</param>
    public LiveModel(SegmentModel model, bool rolloutComplete, FrozenDictionary<int, EarlierSegment> earlier)
    {
        Model = model;
        RolloutComplete = rolloutComplete;
        Classifier = new SegmentClassifier(model);
        _indexBySegmentId = model.SegmentIds.Index().ToFrozenDictionary(s => s.Item, s => s.Index);
        _earlier = earlier;
    }

    public SegmentModel Model { get; }

    public SegmentClassifier Classifier { get; }

    public bool RolloutComplete { get; }

    public int Version => Model.Version;

    /// <summary>Number of segments (K).</summary>
    public int SegmentCount => Model.SegmentIds.Length;

    /// <summary>Number of features (D).</summary>
    public int Dimensions => Model.FeatureNames.Count;

    public bool Holds(int segmentId) => _indexBySegmentId.ContainsKey(segmentId);

    /// <summary>Index of a segment's centroid in this model.</summary>
    public int IndexOf(int segmentId) => _indexBySegmentId[segmentId];

    public string NameOf(int segmentId) =>
        _indexBySegmentId.TryGetValue(segmentId, out int index) ? Model.SegmentNames[index]
        : _earlier.TryGetValue(segmentId, out EarlierSegment ended) ? ended.Name
        : "Ended segment";

    /// <summary>Version of the last model with this segment, as far as this silo has seen; 0 when it has seen none.</summary>
    public int VersionOf(int segmentId) => Holds(segmentId) ? Version : _earlier.GetValueOrDefault(segmentId).ModelVersion;

    /// <summary>All known segments, for the successor of this model.</summary>
    public FrozenDictionary<int, EarlierSegment> AllSegments()
    {
        var all = _earlier.ToDictionary();
        foreach ((int id, int index) in _indexBySegmentId)
        {
            all[id] = new EarlierSegment(Model.SegmentNames[index], Version);
        }

        return all.ToFrozenDictionary();
    }
}

/// <summary>A segment of an earlier model.</summary>
/// <param name="ModelVersion">The last model that had it; a customer that was answered with this version is never answered with a lower
/// one.</param>
public readonly record struct EarlierSegment(string Name, int ModelVersion);
