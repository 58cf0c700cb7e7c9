using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSegments.CrashTests.Processes;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>A collector that keeps what is sent to it by OTLP over HTTP.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Signal, byte[] Body)> _received = [];

    private OtlpCollector()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(SiloLaunch.AnyPort);
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", async (HttpRequest request, string signal) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue((signal, body.ToArray()));
        });
    }

    /// <summary>The settings of a process that sends everything here, at once.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Everything that has come of a signal, one character for each byte: names and values stand in it as they are.</summary>
    public string TextOf(string signal) =>
        string.Concat(_received.Where(message => message.Signal == signal).Select(message => Encoding.Latin1.GetString(message.Body)));

    public CollectedSpan[] Spans() =>
        [.. _received.Where(message => message.Signal == "traces").SelectMany(message => CollectedSpan.ReadAll(message.Body))];

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>A span as it was exported.</summary>
/// <param name="ParentId">Empty for the first of a trace.</param>
internal sealed record CollectedSpan(string TraceId, string Id, string ParentId, string Name, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Reads an ExportTraceServiceRequest; the numbers are those of opentelemetry-proto.</summary>
    public static IEnumerable<CollectedSpan> ReadAll(byte[] request) =>
        Messages(request, 1).SelectMany(resource => Messages(resource, 2)).SelectMany(scope => Messages(scope, 2)).Select(Read);

    private static CollectedSpan Read(ReadOnlyMemory<byte> span) => new(
        Hex(span, 1),
        Hex(span, 2),
        Hex(span, 4),
        Text(span, 5),
        Messages(span, 9).ToDictionary(tag => Text(tag, 1), tag => Value(Messages(tag, 2).Single()), StringComparer.Ordinal));

    private static string Value(ReadOnlyMemory<byte> value) =>
        Fields(value).Single() is (3, _, var number) ? number.ToString(CultureInfo.InvariantCulture) : Text(value, 1);

    private static string Hex(ReadOnlyMemory<byte> message, int number) => Convert.ToHexString(Messages(message, number).FirstOrDefault().Span);

    private static string Text(ReadOnlyMemory<byte> message, int number) => Encoding.UTF8.GetString(Messages(message, number).FirstOrDefault().Span);

    private static IEnumerable<ReadOnlyMemory<byte>> Messages(ReadOnlyMemory<byte> message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(field => field.Bytes);

    /// <summary>The fields of a protobuf message: those with a length as bytes, variable-length integers as numbers; others are skipped.</summary>
    private static IEnumerable<(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)> Fields(ReadOnlyMemory<byte> message)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong key = Varint(message, ref at);
            int number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    yield return (number, default, Varint(message, ref at));
                    break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    yield return (number, message.Slice(at, length), 0);
                    at += length;
                    break;
                default:
                    at += (key & 7) == 1 ? sizeof(long) : sizeof(int);
                    break;
            }
        }
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = message.Span[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
