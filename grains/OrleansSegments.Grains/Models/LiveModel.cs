using System.Collections.Frozen;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Models;

/// <summary>The published model, ready to be asked. Immutable and shared by all customers of a silo.</summary>
public sealed class LiveModel
{
    private readonly FrozenDictionary<int, int> _indexBySegmentId;
    private readonly FrozenDictionary<int, string> _earlierNames;

    /// <param name="rolloutComplete">Whether every customer was evaluated under this model.</param>
    /// <param name="earlierNames">Names of segments that only earlier models have; customers leave them while a roll-out runs.</param>
    public LiveModel(SegmentModel model, bool rolloutComplete, FrozenDictionary<int, string> earlierNames)
    {
        Model = model;
        RolloutComplete = rolloutComplete;
        Classifier = new SegmentClassifier(model);
        _indexBySegmentId = model.SegmentIds.Index().ToFrozenDictionary(s => s.Item, s => s.Index);
        _earlierNames = earlierNames;
    }

    public SegmentModel Model { get; }

    public SegmentClassifier Classifier { get; }

    public bool RolloutComplete { get; }

    public int Version => Model.Version;

    /// <summary>K.</summary>
    public int SegmentCount => Model.SegmentIds.Length;

    /// <summary>D.</summary>
    public int Dimensions => Model.FeatureNames.Count;

    public bool Holds(int segmentId) => _indexBySegmentId.ContainsKey(segmentId);

    /// <summary>The centroid's index of a segment of this model.</summary>
    public int IndexOf(int segmentId) => _indexBySegmentId[segmentId];

    public string NameOf(int segmentId) =>
        _indexBySegmentId.TryGetValue(segmentId, out int index)
            ? Model.SegmentNames[index]
            : _earlierNames.GetValueOrDefault(segmentId, "Ended segment");

    /// <summary>All names known, for the model that follows this one.</summary>
    public FrozenDictionary<int, string> AllNames()
    {
        var names = _earlierNames.ToDictionary();
        foreach ((int id, int index) in _indexBySegmentId)
        {
            names[id] = Model.SegmentNames[index];
        }

        return names.ToFrozenDictionary();
    }
}
