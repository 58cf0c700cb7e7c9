using System.Globalization;
using System.Net;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Contracts.Webhooks;
using StandardWebhooks;

namespace OrleansSegments.Webhooks;

/// <summary>Where the messages of a webhook go, which transitions they are about, and how they are signed. Immutable.</summary>
internal sealed class WebhookTarget(long id, WebhookState state)
{
    public const string StandardFormat = "standard";
    public const string SegmentFormat = "segment";

    /// <summary>As many segments as a model may have.</summary>
    private const int SegmentsMax = 64;

    private const int UrlLengthMax = 2_000;
    private const int WriteKeyLengthMax = 200;

    private static readonly string[] Causes = ["event", "time", "model", "consent", "erasure", "merge"];

    private readonly StandardWebhook _signer = new(state.Secret);
    private readonly StandardWebhook? _previous = state.PreviousSecret is { } secret ? new(secret) : null;

    public long Id => id;

    public Uri Url { get; } = new(state.Url);

    public string Format => state.Format;

    public string? WriteKey => state.WriteKey;

    /// <summary>Why settings are not acceptable; null when they are.</summary>
    public static string? ProblemOf(WebhookState state, WebhookOptions options)
    {
        if (state.Url.Length > UrlLengthMax || !Uri.TryCreate(state.Url, UriKind.Absolute, out Uri? url) || url.Scheme is not ("https" or "http") || url.UserInfo.Length > 0)
        {
            return $"url is \"{state.Url[..Math.Min(state.Url.Length, 200)]}\"; it must be an https address of at most {UrlLengthMax} characters without user and password.";
        }

        if (url.Scheme == "http" && !url.IsLoopback)
        {
            return $"url is {url}; http is for receivers on this machine only. Use https.";
        }

        if (!options.AllowPrivateAddresses && (url.IsLoopback || (IPAddress.TryParse(url.IdnHost, out IPAddress? address) && !PublicAddresses.IsPublic(address))))
        {
            return $"url is {url}, which is no public address. Start the silos with Webhooks__AllowPrivateAddresses=true to allow it.";
        }

        return Array.Find(state.Segments, static segment => !SegmentKey.TryParse(segment, out _)) is { } unknown
            ? $"segments has \"{unknown}\"; the id of a segment looks like s3. GET /v1/segments lists them."
            : state.Segments.Length > SegmentsMax ? $"segments has {state.Segments.Length} entries; at most {SegmentsMax} are allowed. Leave it out for all."
            : state.Causes.FirstOrDefault(static cause => !Causes.Contains(cause)) is { } cause ? $"causes has \"{cause}\"; the causes are {string.Join(", ", Causes)}."
            : state.Format is not (StandardFormat or SegmentFormat) ? $"format is \"{state.Format}\"; it must be {StandardFormat} or {SegmentFormat}."
            : state.WriteKey is { Length: > WriteKeyLengthMax } ? $"writeKey has {state.WriteKey.Length} characters; at most {WriteKeyLengthMax} are allowed."
            : state.WriteKey is not null && state.Format != SegmentFormat ? "writeKey is for the format segment; leave it out, or set format to segment."
            : null;
    }

    public bool IsWanted(TransitionView transition) =>
        (state.Causes.Length == 0 || state.Causes.Contains(transition.Cause)) && (IsWanted(transition.From) || IsWanted(transition.To));

    /// <summary>True when the webhook is about this segment.</summary>
    public bool IsWanted(string? segment) => segment is not null && (state.Segments.Length == 0 || state.Segments.Contains(segment));

    public string MessageIdOf(long sequence) => string.Create(CultureInfo.InvariantCulture, $"msg_{id}_{sequence}");

    /// <summary>The header webhook-signature: one signature for each valid secret.</summary>
    public string Sign(string messageId, DateTimeOffset now, string body)
    {
        string signature = _signer.Sign(messageId, now, body);

        // The previous one twice: StandardWebhooks for .NET compares all signatures of a list but its last (1.1.2).
        return _previous is not null && now < state.PreviousSecretUntil && _previous.Sign(messageId, now, body) is var previous
            ? $"{signature} {previous} {previous}"
            : signature;
    }
}
