using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Changes;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Limits the open change streams; above the limit the answer is 429. Ingestion requests have limits of their own.</summary>
internal static class ConcurrencyLimits
{
    public static void AddConcurrencyLimits(this IServiceCollection services) => services.AddRateLimiter()
        .AddOptions<RateLimiterOptions>().Configure<IOptions<ClientApiOptions>, StoreClock>((limits, options, clock) =>
        {
            limits.AddConcurrencyLimiter(ChangeEndpoints.StreamLimit, limit => limit.PermitLimit = options.Value.ChangeStreamsMax);
            limits.OnRejected = async (rejected, _) =>
            {
                var policy = rejected.HttpContext.GetEndpoint()!.Metadata.GetMetadata<EnableRateLimitingAttribute>()!.PolicyName;
                var error = ServiceErrors.Overloaded($"Too many requests are under way (limit of {policy}).");
                rejected.HttpContext.Response.Headers[StoreClockHeader.Name] = clock.Name;
                await error.ToResult().ExecuteAsync(rejected.HttpContext);
            };
        });
}
