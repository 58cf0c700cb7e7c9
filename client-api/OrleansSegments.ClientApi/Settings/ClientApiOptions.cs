using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace OrleansSegments.ClientApi.Settings;

/// <summary>The keys and limits of the HTTP API. The host validates them before it starts, together with its own settings.</summary>
public sealed class ClientApiOptions : IValidatableObject
{
    public const string SectionName = "ClientApi";

    /// <summary>The largest request body that can be configured, in bytes after decompression.</summary>
    public const int RequestBytesCeiling = 16 * 1024 * 1024;

    internal const string KeysNeeded =
        "a listener beyond loopback needs keys, or anyone who reaches it could read and write every customer. "
        + "Set ClientApi__WriteKeys__0, ClientApi__ReadKeys__0 and ClientApi__AdminKeys__0, or listen on 127.0.0.1.";

    /// <summary>Where the host listens. Listeners beyond loopback need keys.</summary>
    public string[] ListenUrls { get; set; } = ["http://127.0.0.1:8080"];

    /// <summary>Keys that may send events.</summary>
    public string[] WriteKeys { get; set; } = [];

    /// <summary>Keys that may ask.</summary>
    public string[] ReadKeys { get; set; } = [];

    /// <summary>Keys that may ask and see the personal traits of customers.</summary>
    public string[] TraitsKeys { get; set; } = [];

    /// <summary>Keys that may do everything.</summary>
    public string[] AdminKeys { get; set; } = [];

    /// <summary>Bytes of one event.</summary>
    [Range(1_024, 1_048_576)]
    public int EventBytesMax { get; set; } = 32 * 1024;

    /// <summary>Bytes of one ingestion request, after decompression. RudderStack's clients send up to 4,096,000.</summary>
    [Range(1_024, RequestBytesCeiling)]
    public int RequestBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>Events of one ingestion request.</summary>
    [Range(1, 10_000)]
    public int RequestEventsMax { get; set; } = 2_500;

    /// <summary>Bytes of all ingestion requests that are read or wait for the store, an eighth of them for requests up to 64 KiB; a request waits up to 2 s for room before the answer is 429.</summary>
    [Range(1L << 20, 1L << 40)]
    public long IngestionBytesMax { get; set; } = 128 << 20;

    /// <summary>Ingestion requests of one write key in a second; above it the answer is 429. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int KeyRequestsPerSecondMax { get; set; }

    /// <summary>Change streams that are open at once; above it the answer is 429.</summary>
    [Range(1, 65_536)]
    public int ChangeStreamsMax { get; set; } = 64;

    /// <summary>Serves the console at the root; false for an API alone.</summary>
    public bool Console { get; set; } = true;

    /// <summary>The path below which a proxy serves this API and its console, such as /segments; empty for the root.</summary>
    [RegularExpression("(/[A-Za-z0-9._~-]+)*", ErrorMessage = "PathPrefix must be empty, or start with a slash and not end with one, such as /segments.")]
    public string PathPrefix { get; set; } = "";

    /// <summary>Serves Orleans' own dashboard at /orleans to admins. It counts every grain call, which costs processor time; in a cluster, set it for silos and client APIs alike.</summary>
    public bool OrleansDashboard { get; set; }

    internal bool HasKeys => WriteKeys.Length + ReadKeys.Length + TraitsKeys.Length + AdminKeys.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (list, keys) in new[] { (nameof(WriteKeys), WriteKeys), (nameof(ReadKeys), ReadKeys), (nameof(TraitsKeys), TraitsKeys), (nameof(AdminKeys), AdminKeys) })
        {
            if (keys.Any(key => string.IsNullOrWhiteSpace(key) || key.Contains(':', StringComparison.Ordinal) || key != key.Trim()))
            {
                yield return new ValidationResult(
                    $"{list} holds a key that is empty, has spaces around it or holds a colon; clients send it as a Basic user name, which cannot carry those.", [$"{list}__0"]);
            }
        }

        if (EventBytesMax > RequestBytesMax)
        {
            yield return new ValidationResult(
                $"EventBytesMax is {EventBytesMax}; it must not exceed RequestBytesMax, which is {RequestBytesMax}. Change one of them.");
        }

        if (RequestBytesMax >= IngestionBytesMax)
        {
            yield return new ValidationResult(
                $"RequestBytesMax is {RequestBytesMax}; it must be below IngestionBytesMax, which is {IngestionBytesMax}. Change one of them.");
        }

        if (!HasKeys && ListenUrls.Where(url => !Listeners.IsLoopback(url)).ToArray() is { Length: > 0 } beyond)
        {
            yield return new ValidationResult($"The API listens on {string.Join(", ", beyond)} and no keys are configured; {KeysNeeded}");
        }
    }
}

/// <summary>Tells listeners that only this machine reaches from the others.</summary>
internal static class Listeners
{
    /// <summary>Wildcards (*, +, 0.0.0.0, [::]) and host names other than localhost are not loopback; unix sockets are.</summary>
    public static bool IsLoopback(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe
                || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
