using OrleansSegments.ClientApi.Hosting;

namespace OrleansSegments.ClientApi.Events;

/// <summary>The limits that hold while a request is read.</summary>
internal sealed record IngestionLimits(int RequestBytesMax, int EventBytesMax, int RequestEventsMax, long FutureToleranceMilliseconds)
{
    /// <summary>Names and message ids, in UTF-16 units; the specification asks clients to stay below 100.</summary>
    public const int NameLengthMax = 255;

    public static IngestionLimits Of(ClientApiOptions options) => new(
        options.RequestBytesMax, options.EventBytesMax, options.RequestEventsMax, (long)options.FutureTolerance.TotalMilliseconds);
}
