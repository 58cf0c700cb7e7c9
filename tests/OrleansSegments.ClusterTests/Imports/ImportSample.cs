using System.IO.Compression;
using System.Text;
using System.Text.Json;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Tools.Imports;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.ClusterTests.Imports;

/// <summary>Runs a reader on text and keeps all results.</summary>
public sealed class ImportSample
{
    private ImportSample(List<ReplayEvent> events, ImportCounters counters)
    {
        Events = events;
        Counters = counters;
    }

    public IReadOnlyList<ReplayEvent> Events { get; }

    public ImportCounters Counters { get; }

    public static ImportSample Read(string format, string content) => Read(format, Encoding.UTF8.GetBytes(content));

    /// <summary>Reads a table by a map.</summary>
    public static ImportSample ReadTable(string map, string content) =>
        Read(new CsvReader(TableMap.Parse("map.json", Encoding.UTF8.GetBytes(map))), Encoding.UTF8.GetBytes(content));

    public static ImportSample Read(string format, byte[] content) => Read(DataSetReaders.Find(format), content);

    public static ImportSample Read(IDataSetReader reader, byte[] content)
    {
        using var source = ImportSource.Of("sample", new MemoryStream(content));
        var counters = new ImportCounters();
        var events = reader.Read(source, counters).ToList();
        return new ImportSample(events, counters);
    }

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);

        return packed.ToArray();
    }

    public CustomerEvent Only(string name) => Events.Single(replayed => replayed.Event.Name == name).Event;

    public static JsonElement Body(CustomerEvent customerEvent) => JsonDocument.Parse(customerEvent.Body).RootElement;

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
