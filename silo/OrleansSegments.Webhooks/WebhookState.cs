using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.Webhooks;

/// <summary>Persistent state of a webhook; without a URL there is none. Immutable.</summary>
public sealed record WebhookState
{
    public string Url { get; init; } = "";

    public string[] Segments { get; init; } = [];

    public string[] Causes { get; init; } = [];

    public string Format { get; init; } = WebhookTarget.StandardFormat;

    public string? WriteKey { get; init; }

    public string Secret { get; init; } = "";

    public string? PreviousSecret { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public CourierProgress Progress { get; init; } = new(0);

    /// <summary>Oldest first.</summary>
    public WebhookDelivery[] Deliveries { get; init; } = [];

    /// <summary>The state after a command. A change of the URL, or enabling, gives the receiver a fresh chance.</summary>
    internal WebhookState With(WebhookSettings settings, DateTimeOffset now)
    {
        string format = settings.Format ?? Format;
        return this with
        {
            Url = settings.Url ?? Url,
            Segments = settings.Segments ?? Segments,
            Causes = settings.Causes ?? Causes,
            Format = format,
            WriteKey = settings.WriteKey ?? (format == WebhookTarget.SegmentFormat ? WriteKey : null),
            Progress = settings.Enabled switch
            {
                false => Progress with { RetryAt = null, Reason = "Disabled by a command.", DisabledAt = Progress.DisabledAt ?? now },
                true => new CourierProgress(Progress.Cursor),
                null => Progress,
            },
        };
    }
}

/// <summary>The words for the states of a webhook.</summary>
internal static class WebhookStates
{
    public const string Active = "active";
    public const string Failing = "failing";
    public const string Disabled = "disabled";

    public static readonly string[] All = [Active, Failing, Disabled];

    public static string Of(CourierProgress progress) => progress.DisabledAt is not null ? Disabled : progress.FailingSince is not null ? Failing : Active;
}
