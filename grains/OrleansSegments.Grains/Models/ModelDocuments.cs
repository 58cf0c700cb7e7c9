using System.Text;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Training;
using TrainedModel = OrleansSegments.Contracts.Models.TrainedModel;

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
            : throw new StateLayoutException(
                $"Model {model.Version} needs another features.json (catalogue {model.CatalogueHash:x16}; this silo has {catalogue.Hash:x16}).");
    }

    /// <summary>
    /// The published model for the catalogue in force, to be published as a new version; null when it already is of that catalogue.
    /// </summary>
    /// <exception cref="StateLayoutException">Thrown when the store does not know the model's catalogue.</exception>
    public static TrainedModel? CarryOver(PublishedModel published, CatalogueHistory catalogues, int version)
    {
        FeatureCatalogue current = catalogues.Current!;
        if (published.Version == 0 || Read(published.Document) is var model && model.CatalogueHash == current.Hash)
        {
            return null;
        }

        FeatureCatalogue from = catalogues.Find(model.CatalogueHash) ?? throw new StateLayoutException(
            $"Model {model.Version} was trained with another features.json (catalogue {model.CatalogueHash:x16}; this silo has {current.Hash:x16}), "
            + "whose text the store does not hold. Start once with that file, then with the new one; or start with a new data folder.");
        byte[] document = Write(ModelCarryOver.CarryOver(model, from, current, version));
        ModelSummary summary = published.Summary with
        {
            Version = version,
            Published = true,
            Reason = $"model {published.Version} restricted to the features that the new features.json kept",
        };
        return new TrainedModel(version, document, summary.Under(current), Definitions(document));
    }

    /// <summary>True for a model that serves only until one is trained under the catalogue in force.</summary>
    public static bool IsCarriedOver(byte[] document) => document.Length > 0 && Read(document).IsCarriedOver;

    /// <summary>The summary of a model that places customers by this catalogue.</summary>
    public static ModelSummary Under(this ModelSummary summary, FeatureCatalogue catalogue) => summary with
    {
        Catalogue = $"{catalogue.Hash:x16}",
        FeaturesSince = catalogue.Features.Where(f => f.SinceMilliseconds > 0)
            .ToDictionary(f => f.Name, f => DateTimeOffset.FromUnixTimeMilliseconds(f.SinceMilliseconds)),
    };

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
