using System.Text;
using System.Text.Json;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// Events of the Segment specification as exports and SDK logs have them: one JSON object on each line, or several, objects over several lines, an array of
/// them, or requests with a batch. Events are handed out in the order of the file, whatever their times are. An event without a messageId gets a hash of its
/// bytes as one.
/// </summary>
internal sealed class NdjsonReader : IDataSetReader
{
    /// <summary>Thirty-two times what the ingestion API takes as one event.</summary>
    public const int LineBytesMax = 1 << 20;

    public string Name => "events-ndjson";

    public string Description =>
        "Segment-specification events (identify, track, page, screen, group, alias), one JSON object of at most 1 MiB a line, in any order of time; "
        + "also an array of objects or objects over several lines (jq -c '.[]' makes lines of an array that is one line).";

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        var rule = new JsonRule();
        using var records = new RecordReader(source, LineBytesMax, rule);
        while (records.MoveNext())
        {
            var events = Examine(records, counters);
            foreach (var json in events)
            {
                counters.LinesRead++;
                if (Read(json, out var reason) is { } parsed)
                {
                    counters.CountCustomer(parsed.CustomerId);
                    counters.Made(parsed);
                    yield return new ReplayEvent(parsed, records.Number, json);
                }
                else
                {
                    counters.Skip(reason, records.Number, value: Encoding.UTF8.GetString(json.Span));
                }
            }
        }

        counters.IsComplete = true;
        if (counters.LinesRead == 0)
            throw ImportSource.Empty(source.Name);
    }

    private static CustomerEvent? Read(ReadOnlyMemory<byte> json, out string reason)
    {
        var parsed = EventLineReader.Read(json, out var faultCode);
        reason = faultCode?.Replace('_', ' ') ?? "";
        return parsed;
    }

    /// <returns>The JSON objects of the record; none when there is none, which is counted.</returns>
    private static List<ReadOnlyMemory<byte>> Examine(RecordReader records, ImportCounters counters)
    {
        var objects = records.IsTooLong || records.IsBroken ? null : JsonObjects.In(records.Current.ToArray());
        if (objects is null)
            records.Split();
        else if (objects.Count > 0 || JsonObjects.IsBracket(records.Current))
            return [.. objects.SelectMany(JsonObjects.EventsOf)];

        var reason = records.IsTooLong ? SkipReasons.LineTooLong
            : records.Current.Trim(" \t"u8).IsEmpty ? SkipReasons.BlankLine
            : "invalid json";
        counters.LinesRead++;
        counters.Skip(reason, records.Number, value: Encoding.UTF8.GetString(records.Current));
        return [];
    }

    /// <summary>A record ends with the line that closes its last brace.</summary>
    private sealed class JsonRule : IRecordRule
    {
        private int _depth;
        private byte _last;

        public bool? IsComplete(ReadOnlySpan<byte> line, bool isFirst)
        {
            if (isFirst)
                _depth = 0;

            // Only after one of these may an object begin: otherwise the line before was cut, and this one begins another record.
            else if (line.StartsWith("{"u8) && !",[{:"u8.Contains(_last))
                return null;

            var isText = false;
            for (var index = 0; index < line.Length; index++)
            {
                var letter = line[index];
                if (isText && letter == '\\')
                    index++;
                else if (letter == '"')
                    isText = !isText;
                else if (!isText)
                    _depth += letter == '{' ? 1 : letter == '}' ? -1 : 0;
                _last = letter is (byte)' ' or (byte)'\t' ? _last : letter;
            }

            // JSON has no line breaks inside texts.
            return isText ? null : _depth <= 0;
        }
    }
}

/// <summary>Finds the objects in a piece of JSON that may hold several.</summary>
internal static class JsonObjects
{
    /// <returns>Null when anything but blanks, commas and the brackets of an array stands between them.</returns>
    public static List<ReadOnlyMemory<byte>>? In(ReadOnlyMemory<byte> text)
    {
        var objects = new List<ReadOnlyMemory<byte>>();
        var (depth, start, isText) = (0, 0, false);
        for (var index = 0; index < text.Length; index++)
        {
            var letter = text.Span[index];
            if (isText)
            {
                index += letter == '\\' ? 1 : 0;
                isText = letter != '"';
            }
            else if (letter == '{')
            {
                start = depth++ == 0 ? index : start;
            }
            else if (letter == '}')
            {
                if (--depth < 0)
                    return null;
                if (depth == 0)
                    objects.Add(text[start..(index + 1)]);
            }
            else if (depth == 0 && !" \t\n,[]"u8.Contains(letter))
            {
                return null;
            }
            else
            {
                isText = letter == '"';
            }
        }

        return depth == 0 ? objects : null;
    }

    /// <summary>A line that only begins or ends an array.</summary>
    public static bool IsBracket(ReadOnlySpan<byte> line) => line.Trim(" \t"u8) is [(byte)'[' or (byte)']'];

    /// <summary>The events of a request with a batch; anything else is one event.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> EventsOf(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf("\"batch\""u8) < 0)
            return [json];

        try
        {
            using var request = JsonDocument.Parse(json);
            return request.RootElement.TryGetProperty("batch", out var batch) && batch.ValueKind == JsonValueKind.Array && !request.RootElement.TryGetProperty("type", out _)
                ? [.. batch.EnumerateArray().Select(one => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(one.GetRawText()))]
                : [json];
        }
        catch (JsonException)
        {
            return [json];
        }
    }
}
