using System.IO.Compression;
using System.Text;
using System.Text.Json;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Tools.Imports;

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

    public static ImportSample Read(string format, byte[] content)
    {
        using var source = ImportSource.Of("sample", new MemoryStream(content));
        var counters = new ImportCounters();
        var events = DataSetReaders.Find(format).Read(source, counters).ToList();
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
