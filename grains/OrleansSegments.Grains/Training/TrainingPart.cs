using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Some customers during a training, for one thread at a time: first their records, later the scaled vectors with the labels of the last
/// round. Keeping the records makes every step see the same customers.
/// </summary>
internal sealed class TrainingPart(FeatureEngine features, long asOfMilliseconds, List<StoredCustomer> customers)
{
    private LloydPart? _rows;
    private byte[] _publishedLabels = [];
    private ulong _labelledUnder;
    private (ulong? Previous, ulong Centroids) _step;
    private RoundSums? _sums;
    private int _publishedCount;

    public int Count => customers.Count;

    /// <summary>Builds one sketch per feature from the transformed values.</summary>
    public QuantileSketch[] Sketch()
    {
        QuantileSketch[] sketches = [.. Enumerable.Range(0, features.FeatureCount).Select(_ => new QuantileSketch())];
        Span<double> values = stackalloc double[features.FeatureCount];
        foreach (StoredCustomer customer in customers)
        {
            features.Evaluate(customer.Record.State, asOfMilliseconds, values);
            for (int d = 0; d < values.Length; d++)
            {
                sketches[d].Add(values[d]);
            }
        }

        return sketches;
    }

    /// <summary>Computes the scaled vectors and the labels under the published model; only once.</summary>
    public void Scale(FeatureScaling scaling, Func<SegmentModel> readPublished)
    {
        if (_rows is not null)
        {
            return;
        }

        SegmentModel published = readPublished();
        int columns = features.FeatureCount;
        var matrix = new FeatureMatrix(columns, customers.Count);
        var labels = new byte[customers.Count];
        Span<double> values = stackalloc double[columns];
        Span<float> row = stackalloc float[columns];
        Span<float> publishedRow = stackalloc float[columns];
        for (int i = 0; i < customers.Count; i++)
        {
            features.Evaluate(customers[i].Record.State, asOfMilliseconds, values);
            scaling.Apply(values, row);
            matrix.SetRow(i, row);
            published.Scaling.Apply(values, publishedRow);
            labels[i] = (byte)published.IndexOf(published.Classifier.Nearest(publishedRow).SegmentId);
        }

        (_rows, _publishedLabels, _publishedCount) = (new LloydPart(matrix), labels, published.SegmentCount);
    }

    /// <summary>Draws the customers of lowest rank.</summary>
    public SampleSketch Sample(ulong seed)
    {
        var sample = new SampleSketch(features.FeatureCount, seed);
        Span<float> row = stackalloc float[features.FeatureCount];
        for (int i = 0; i < customers.Count; i++)
        {
            ulong hash = Engine.Clustering.StableHash.Of(customers[i].CustomerId);
            if (sample.Wants(hash))
            {
                _rows!.Matrix.GetRow(i, row);
                sample.Add(hash, row);
            }
        }

        return sample;
    }

    /// <summary>
    /// Computes the sums of a round. A part that was taken over in the middle first repeats the previous round, because the sums include
    /// the number of changed labels. A repeated call returns the same answer.
    /// </summary>
    public RoundSums Accumulate(CentroidSet? previous, CentroidSet centroids)
    {
        (ulong?, ulong) step = (previous?.Hash, centroids.Hash);
        if (_step != step || _sums is null)
        {
            if (previous is not null && previous.Hash != _labelledUnder)
            {
                _rows!.Accumulate(previous);
            }

            _sums = _rows!.Accumulate(centroids);
            (_step, _labelledUnder) = (step, centroids.Hash);
        }

        return _sums;
    }

    /// <summary>Collects what names, identities and quality gates need to know of the clusters.</summary>
    public EvidenceResult Describe(CentroidSet centroids, FeatureScaling scaling)
    {
        if (_labelledUnder != centroids.Hash)
        {
            _rows!.Accumulate(centroids);
            _labelledUnder = centroids.Hash;
        }

        return EvidenceResult.Of(
            ClusterProfile.Of(_rows!.Matrix, _rows.Labels, centroids.Count),
            MatrixAudit.Of(_rows.Matrix, scaling),
            Contingency.Of(_publishedCount, centroids.Count, _publishedLabels, _rows.Labels));
    }
}
