using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Json;

namespace OrleansSegments.ClientApi.Health;

/// <summary>Live means that the process turns; ready means that this silo serves. Neither needs a key.</summary>
internal static class HealthEndpoints
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("/health").WithTags("Health");
        health.MapGet("live", Live)
            .WithName("health-live").WithSummary("The process turns").Produces<HealthAnswer>();
        health.MapGet("ready", ReadyAsync)
            .WithName("health-ready").WithSummary("This silo serves; if not, why not")
            .Produces<HealthAnswer>().Produces<HealthAnswer>(StatusCodes.Status503ServiceUnavailable);
        health.MapMethods("live", [HttpMethods.Head], Live).ExcludeFromDescription();
        health.MapMethods("ready", [HttpMethods.Head], ReadyAsync).ExcludeFromDescription();
        return endpoints;
    }

    private static IResult Live() => Answer(StatusCodes.Status200OK, "live", []);

    private static async Task<IResult> ReadyAsync(
        IEnumerable<IReadinessProbe> probes, IOptions<ClientApiOptions> options, TimeProvider time, CancellationToken aborted)
    {
        // A host without a probe has nothing to say "ready" by; answering OK would be a guess.
        var found = await Task.WhenAll(probes.Select(probe => AskAsync(probe, options.Value.ReadinessTimeout, time, aborted)));
        var ready = found.Length > 0 && found.All(readiness => readiness.Ready);
        string[] reasons = found.Length == 0 ? ["The host registered no readiness probe."] : [.. found.SelectMany(readiness => readiness.Reasons)];
        return ready ? Answer(StatusCodes.Status200OK, "ready", []) : Answer(StatusCodes.Status503ServiceUnavailable, "not ready", reasons);
    }

    private static async Task<Readiness> AskAsync(IReadinessProbe probe, TimeSpan timeout, TimeProvider time, CancellationToken aborted)
    {
        try
        {
            return await probe.CheckAsync(aborted).AsTask().WaitAsync(timeout, time, aborted);
        }
        catch (TimeoutException)
        {
            return new Readiness(false, $"{probe.GetType().Name} did not answer within {timeout.TotalSeconds} s.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new Readiness(false, $"{probe.GetType().Name} failed: {exception.Message}");
        }
    }

    private static IResult Answer(int status, string word, string[] reasons) =>
        Results.Json(new HealthAnswer(word, reasons), ClientApiJson.Default.HealthAnswer, statusCode: status);
}
