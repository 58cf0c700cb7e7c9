using System.Diagnostics;
using OrleansSegments.Contracts.Traces;

namespace OrleansSegments.Grains.Metrics;

/// <summary>
/// All spans of the grains, exported with those of the HTTP requests. Their tags are counts, versions and outcomes: nothing says who a
/// customer is. Without a listener no span is made and nothing is allocated.
/// </summary>
public static class SegmentsTraces
{
    public const string SourceName = "OrleansSegments.Grains";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the work of a call: a child of the span that the caller has sent along, or else a trace of its own.</summary>
    public static Activity? Begin(string name) =>
        Source.HasListeners() ? Source.StartActivity(name, ActivityKind.Internal, CarriedTrace.Received) : null;

    /// <summary>Begins a part of the current span.</summary>
    public static Activity? BeginPart(string name) => Source.StartActivity(name);

    /// <summary>Runs the work of a call in a span of its own, which further calls are children of.</summary>
    public static async Task<T> RunAsync<T>(string name, Func<Activity?, Task<T>> work)
    {
        using Activity? span = Begin(name);
        CarriedTrace.Send(span);
        return await RunAsync(span, () => work(span));
    }

    /// <summary>Runs a part of the current span.</summary>
    public static async Task<T> RunPartAsync<T>(string name, Func<Task<T>> work)
    {
        using Activity? span = BeginPart(name);
        return await RunAsync(span, work);
    }

    private static async Task<T> RunAsync<T>(Activity? span, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception problem)
        {
            // Only the type: the message of an exception may name a customer.
            span?.SetStatus(ActivityStatusCode.Error, problem.GetType().Name);
            throw;
        }
    }
}
