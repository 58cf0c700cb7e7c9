using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.Webhooks;

/// <summary>What somebody who runs the system decides about webhooks.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Lets messages go to private, loopback and link-local addresses, as for receivers in the same network.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>A webhook whose deliveries have done nothing but fail for so long is disabled.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(1);
}
