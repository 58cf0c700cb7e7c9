using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Training;

namespace OrleansSegments.Benchmarks.KMeans;

/// <summary>
/// Finds the centroids of the sample with ML.NET's k-means and its own seeding (k-means||, Yinyang bounds). It sums in single precision on
/// several threads, so the same seed need not give the same bits.
/// </summary>
internal sealed class MlNetSeeder : ISampleSeeder
{
    public CentroidSet Seed(FeatureMatrix sample, int count, ulong seed)
    {
        var context = new MLContext((int)(seed & int.MaxValue));
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, sample.Columns);
        IDataView data = context.Data.LoadFromEnumerable(Rows(sample), schema);
        var trainer = context.Clustering.Trainers.KMeans(new KMeansTrainer.Options { FeatureColumnName = nameof(Row.Features), NumberOfClusters = count });
        VBuffer<float>[] centroids = [];
        trainer.Fit(data).Model.GetClusterCentroids(ref centroids, out int found);
        if (found != count)
        {
            throw new InvalidOperationException($"ML.NET found {found} centroids of {count} asked for in a sample of {sample.Rows} customers.");
        }

        return new CentroidSet(count, sample.Columns, [.. centroids.SelectMany(centroid => centroid.DenseValues())]);
    }

    private static IEnumerable<Row> Rows(FeatureMatrix sample)
    {
        for (int index = 0; index < sample.Rows; index++)
        {
            var row = new Row { Features = new float[sample.Columns] };
            sample.GetRow(index, row.Features);
            yield return row;
        }
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
