using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Metrics;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Limits the concurrent requests of each kind; above a limit the answer is 429, before any of the body is read.</summary>
internal static class ConcurrencyLimits
{
    public static void AddConcurrencyLimits(this IServiceCollection services) => services.AddRateLimiter()
        .AddOptions<RateLimiterOptions>().Configure<IOptions<ClientApiOptions>, ClientApiMetrics, StoreClock>((limits, options, metrics, clock) =>
        {
            limits.AddConcurrencyLimiter(EventEndpoints.Limit, limit => limit.PermitLimit = options.Value.IngestionRequestsMax);
            limits.AddConcurrencyLimiter(ChangeEndpoints.StreamLimit, limit => limit.PermitLimit = options.Value.ChangeStreamsMax);
            limits.OnRejected = async (rejected, _) =>
            {
                var policy = rejected.HttpContext.GetEndpoint()!.Metadata.GetMetadata<EnableRateLimitingAttribute>()!.PolicyName;
                var error = ServiceErrors.Overloaded($"Too many requests are under way (limit of {policy}).");
                if (policy == EventEndpoints.Limit)
                {
                    metrics.Refused(error);
                }

                rejected.HttpContext.Response.Headers[StoreClockHeader.Name] = clock.Name;
                await error.ToResult().ExecuteAsync(rejected.HttpContext);
            };
        });
}
