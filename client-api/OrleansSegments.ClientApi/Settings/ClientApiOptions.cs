using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace OrleansSegments.ClientApi.Settings;

/// <summary>Every limit, key and interval of the HTTP API. Validated at start; all errors are reported together.</summary>
public sealed class ClientApiOptions
{
    public const string SectionName = "ClientApi";

    /// <summary>The largest request body that can be configured, in bytes after decompression: what RudderStack's clients may send.</summary>
    public const int RequestBytesCeiling = 4 * 1024 * 1024;

    /// <summary>Where the host listens. Listeners beyond loopback need keys.</summary>
    public string[] ListenUrls { get; set; } = ["http://127.0.0.1:8080"];

    /// <summary>Keys that may send events.</summary>
    public string[] WriteKeys { get; set; } = [];

    /// <summary>Keys that may ask.</summary>
    public string[] ReadKeys { get; set; } = [];

    /// <summary>Keys that may do everything.</summary>
    public string[] AdminKeys { get; set; } = [];

    /// <summary>Bytes of one event.</summary>
    [Range(1_024, 1_048_576)]
    public int EventBytesMax { get; set; } = 32 * 1024;

    /// <summary>Bytes of one ingestion request, after decompression.</summary>
    [Range(1_024, RequestBytesCeiling)]
    public int RequestBytesMax { get; set; } = 512_000;

    /// <summary>Events of one ingestion request.</summary>
    [Range(1, 10_000)]
    public int RequestEventsMax { get; set; } = 2_500;

    /// <summary>Ingestion requests that are read or waited for at once; above it the answer is 429. Times RequestBytesMax it bounds the memory.</summary>
    [Range(1, 65_536)]
    public int IngestionRequestsMax { get; set; } = 256;

    /// <summary>How far an event may lie in the future, after the correction for the client's clock, before it counts as received now.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FutureTolerance { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What Retry-After tells a client that is turned away for load, rounded up to whole seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Items of a page when the caller names no limit.</summary>
    [Range(1, 10_000)]
    public int PageSizeDefault { get; set; } = 100;

    /// <summary>Items of a page at most; a higher limit is read as this one.</summary>
    [Range(1, 10_000)]
    public int PageSizeMax { get; set; } = 1_000;

    /// <summary>Change streams that are open at once; above it the answer is 429.</summary>
    [Range(1, 65_536)]
    public int ChangeStreamsMax { get; set; } = 64;

    /// <summary>The longest silence on a change stream; below the 30 s after which a grain call times out.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:25")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a readiness probe may take before the answer is "not ready".</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan ReadinessTimeout { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks the options as a whole; each message says what, the value, the rule and the cure.</summary>
public sealed class ClientApiOptionsValidation : IValidateOptions<ClientApiOptions>
{
    public const string KeysNeeded =
        "a listener beyond loopback needs keys, or anyone who reaches it could read and write every customer. "
        + "Set ClientApi__WriteKeys__0, ClientApi__ReadKeys__0 and ClientApi__AdminKeys__0 (or edit appsettings.json), or listen on 127.0.0.1.";

    public ValidateOptionsResult Validate(string? name, ClientApiOptions options)
    {
        var failures = RangeFailures(options).Concat(KeyFailures(options)).Concat(RelationFailures(options)).ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    internal static bool HasKeys(ClientApiOptions options) =>
        options.WriteKeys.Length + options.ReadKeys.Length + options.AdminKeys.Length > 0;

    private static IEnumerable<string> RangeFailures(ClientApiOptions options)
    {
        foreach (var property in typeof(ClientApiOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            var value = property.GetValue(options);
            if (range is not null && !range.IsValid(value))
            {
                yield return $"ClientApi:{property.Name} is {value}; it must be {range.Minimum} to {range.Maximum}. "
                    + $"Set ClientApi__{property.Name} or edit appsettings.json.";
            }
        }
    }

    private static IEnumerable<string> KeyFailures(ClientApiOptions options)
    {
        var lists = new[]
        {
            (nameof(options.WriteKeys), options.WriteKeys),
            (nameof(options.ReadKeys), options.ReadKeys),
            (nameof(options.AdminKeys), options.AdminKeys),
        };
        foreach (var (list, keys) in lists)
        {
            if (keys.Any(key => string.IsNullOrWhiteSpace(key) || key.Contains(':', StringComparison.Ordinal) || key != key.Trim()))
            {
                yield return $"ClientApi:{list} holds a key that is empty, has spaces around it or holds a colon; "
                    + $"clients send it as a Basic user name, which cannot carry those. Set ClientApi__{list}__0 to another key.";
            }
        }

        if (!HasKeys(options) && !Listeners.AreLoopback(options.ListenUrls))
        {
            var beyond = string.Join(", ", options.ListenUrls.Where(url => !Listeners.IsLoopback(url)));
            yield return $"ClientApi:ListenUrls holds {beyond} and no keys are configured; {KeysNeeded}";
        }
    }

    private static IEnumerable<string> RelationFailures(ClientApiOptions options)
    {
        if (options.EventBytesMax > options.RequestBytesMax)
        {
            yield return $"ClientApi:EventBytesMax is {options.EventBytesMax}; it must not exceed RequestBytesMax, which is "
                + $"{options.RequestBytesMax}. Set ClientApi__EventBytesMax or ClientApi__RequestBytesMax, or edit appsettings.json.";
        }

        if (options.PageSizeDefault > options.PageSizeMax)
        {
            yield return $"ClientApi:PageSizeDefault is {options.PageSizeDefault}; it must not exceed PageSizeMax, which is "
                + $"{options.PageSizeMax}. Set ClientApi__PageSizeDefault or ClientApi__PageSizeMax, or edit appsettings.json.";
        }
    }
}

/// <summary>Tells listeners that only this machine reaches from the others.</summary>
internal static class Listeners
{
    public static bool AreLoopback(IEnumerable<string> urls) => urls.All(IsLoopback);

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
