using System.ComponentModel.DataAnnotations;

namespace OrleansSegments.ClientApi.Hosting;

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
