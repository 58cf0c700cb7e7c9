using System.Diagnostics;
using Orleans.Runtime;

namespace OrleansSegments.Contracts.Traces;

/// <summary>
/// Hands the trace of a request on with its grain calls, between silos too, in Orleans' request context. Orleans' own propagation does so only
/// with a span for every call, which names the called grain, that is the customer; and its filters run on every call.
/// </summary>
public static class CarriedTrace
{
    private const string Key = "traceparent";

    /// <summary>The span that the caller has sent along; none outside of traced requests.</summary>
    public static ActivityContext Received =>
        ActivityContext.TryParse(RequestContext.Get(Key) as string, null, isRemote: true, out ActivityContext sent) ? sent : default;

    /// <summary>Sends a span along with all further calls of this request; null changes nothing.</summary>
    public static void Send(Activity? span)
    {
        if (span is not null)
        {
            RequestContext.Set(Key, span.Id!);
        }
    }
}
