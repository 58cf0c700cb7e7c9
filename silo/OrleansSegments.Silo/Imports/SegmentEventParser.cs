using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Silo.Imports;

/// <summary>One Segment-specification event from one line of JSON.</summary>
internal static class SegmentEventParser
{
    private const int MessageIdLengthMax = 255;

    /// <returns>Null, or the reason why the line is no event.</returns>
    public static string? TryParse(ReadOnlySpan<byte> line, out CustomerEvent? parsed)
    {
        parsed = null;
        if (!Utf8.IsValid(line))
            return SkipReasons.DoesNotParse;

        try
        {
            return Examine(line, SegmentFields.Parse(line), out parsed);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return SkipReasons.DoesNotParse;
        }
    }

    private static string? Examine(ReadOnlySpan<byte> line, in SegmentFields fields, out CustomerEvent? parsed)
    {
        parsed = null;
        if (KindOf(fields.Type) is not { } kind)
            return SkipReasons.UnknownType;

        var customerId = string.IsNullOrEmpty(fields.UserId) ? fields.AnonymousId : fields.UserId;
        if (string.IsNullOrEmpty(customerId))
            return SkipReasons.NoCustomer;
        if (customerId.Length > ImportCounters.CustomerIdLengthMax)
            return SkipReasons.CustomerIdTooLong;
        if (kind == EventKind.Track && string.IsNullOrEmpty(fields.EventName))
            return SkipReasons.NoEventName;
        if (fields.MessageId?.Length > MessageIdLengthMax)
            return SkipReasons.MessageIdTooLong;

        var time = fields.Timestamp.IsPresent ? fields.Timestamp : fields.OriginalTimestamp;
        if (!time.IsPresent)
            return SkipReasons.NoTimestamp;
        if (time.Milliseconds is not { } occurredAt)
            return SkipReasons.TimestampDoesNotParse;
        if (occurredAt <= 0)
            return SkipReasons.ImplausibleTime;

        var body = kind is EventKind.Identify or EventKind.Group ? fields.Traits : fields.Properties;
        if (body.IsMalformed || fields.Context.IsMalformed)
            return SkipReasons.BodyIsNoObject;

        parsed = new CustomerEvent(
            customerId,
            string.IsNullOrEmpty(fields.MessageId) ? HashOf(line) : fields.MessageId,
            kind,
            NameOf(kind, fields),
            occurredAt,
            kind == EventKind.Alias ? AliasBody(fields.PreviousId) : body.CopyFrom(line),
            fields.Context.CopyFrom(line));
        return null;
    }

    private static EventKind? KindOf(string? type) => type switch
    {
        "track" => EventKind.Track,
        "identify" => EventKind.Identify,
        "page" => EventKind.Page,
        "screen" => EventKind.Screen,
        "group" => EventKind.Group,
        "alias" => EventKind.Alias,
        _ => null,
    };

    private static string? NameOf(EventKind kind, in SegmentFields fields) => kind switch
    {
        EventKind.Track => fields.EventName,
        EventKind.Page or EventKind.Screen => fields.Name,
        _ => null,
    };

    private static ReadOnlyMemory<byte> AliasBody(string? previousId) =>
        previousId is null ? ReadOnlyMemory<byte>.Empty : JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["previousId"] = previousId });

    /// <summary>
    /// As the ingestion API makes it. The same line gives the same id wherever it stands; two lines that are equal to the byte are
    /// one event.
    /// </summary>
    private static string HashOf(ReadOnlySpan<byte> line)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line, hash);
        return $"sha256-{Convert.ToHexStringLower(hash[..16])}";
    }
}
