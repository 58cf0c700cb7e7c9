using OrleansSegments.ClientApi.Errors;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>A request after reading.</summary>
/// <param name="Events">What the router gets.</param>
/// <param name="Places">The place in the request of each of <paramref name="Events"/>; null when they are the same.</param>
/// <param name="Rejected">Events that can never be accepted, by their place in the request.</param>
/// <param name="WriteKey">The body's writeKey; null when it holds none.</param>
/// <param name="Error">Refuses the request as a whole; then there are no events.</param>
internal sealed record ReadBatch(
    CustomerEvent[] Events, int[]? Places, List<EventRejection> Rejected, string? WriteKey, ApiError? Error)
{
    public static ReadBatch Refused(ApiError error, string? writeKey = null) => new([], null, [], writeKey, error);
}
