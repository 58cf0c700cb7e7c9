using System.Text;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Models;

/// <summary>Converts between the engine's models and the documents that are sent and stored.</summary>
internal static class ModelDocuments
{
    /// <summary>The published model before the first training; each silo builds it from its catalogue.</summary>
    public static PublishedModel BeforeTraining { get; } = new(
        0, [], new ModelSummary(0, true, "before the first training", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 0, 1, [], []));

    public static SegmentModel Read(PublishedModel published, FeatureCatalogue catalogue)
    {
        if (published.Version == 0)
        {
            return SegmentModel.Bootstrap(catalogue.Hash, [.. catalogue.Features.Select(f => f.Name)], DateTimeOffset.UnixEpoch);
        }

        SegmentModel model = Read(published.Document);
        return model.CatalogueHash == catalogue.Hash
            ? model
            : throw new InvalidOperationException(
                $"Model {model.Version} was trained with another features.json (catalogue {model.CatalogueHash:x16}; this silo has {catalogue.Hash:x16}). "
                + "Start with the features.json the data folder was created with, or with a new data folder.");
    }

    public static byte[] Write(SegmentModel model) => Encoding.UTF8.GetBytes(model.ToJson());

    /// <summary>The same model with another version number.</summary>
    public static byte[] WithVersion(byte[] document, int version) => Write(Read(document) with { Version = version });

    /// <summary>The definitions of a model's segments, without lineage.</summary>
    public static SegmentDefinition[] Definitions(byte[] document)
    {
        SegmentModel model = Read(document);
        return [.. model.SegmentIds.Select((id, index) => Define(model, index, []))];
    }

    public static SegmentDefinition Define(SegmentModel model, int index, LineageView[] lineage) => new(
        model.SegmentIds[index], model.SegmentNames[index], model.Version, model.Version, null, Distinguishing(model, index), lineage);

    /// <summary>The features that set a segment apart, strongest first.</summary>
    public static DistinguishingFeature[] Distinguishing(SegmentModel model, int index) =>
        index < model.Descriptions.Count
            ? [.. model.Descriptions[index].Traits.Select(t => new DistinguishingFeature(t.Feature, t.Z, t.Phrase))]
            : [];

    private static SegmentModel Read(byte[] document) => SegmentModel.FromJson(Encoding.UTF8.GetString(document));
}
