using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orleans.Runtime;
using OrleansSegments.ClientApi.Backups;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Models;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reads key figures of a store's contents, without a silo.</summary>
internal static class ContentsReader
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static async Task<StoreContents> ReadAsync(IStore store)
    {
        SegmentTotals totals = store.Customers.Totals;
        SegmentModel? model = await ReadModelAsync(store);
        Dictionary<int, string> names = model?.SegmentIds.Zip(model.SegmentNames).ToDictionary(s => s.First, s => s.Second) ?? [];
        return new StoreContents(
            totals.Population,
            [.. totals.SizeBySegmentId.OrderBy(s => s.Key).Select(s => new StoredSegment(SegmentKey.Of(s.Key), names.GetValueOrDefault(s.Key), s.Value))],
            totals.Sequence,
            model?.Version ?? 0,
            model is null ? null : $"{model.CatalogueHash:x16}");
    }

    public static async Task<JsonObject> ReadAsJsonAsync(IStore store) => JsonSerializer.SerializeToNode(await ReadAsync(store), Web)!.AsObject();

    public static BackupReport Report(string path, BackupManifest manifest) => new(
        path, manifest.MadeAt, manifest.Product, manifest.Files.Count, manifest.Bytes, manifest.Contents.Deserialize<StoreContents>(Web)!);

    /// <summary>The published model; null before the first training.</summary>
    private static async Task<SegmentModel?> ReadModelAsync(IStore store)
    {
        var state = new GrainState<ModelGrainState>();
        await new ControlGrainStorage(store.Control).ReadStateAsync("model", GrainId.Create(GrainType.Create("model"), GrainIdKeyExtensions.CreateIntegerKey(0)), state);
        PublishedModel? published = state.State!.Kept.Find(kept => kept.Version == state.State.CurrentVersion);
        return published is null ? null : SegmentModel.FromJson(Encoding.UTF8.GetString(published.Document));
    }
}
