using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>Limits the requests of each write key in a second. Only known keys are counted, so that their number is bounded.</summary>
internal sealed class KeyLimits : IDisposable
{
    private readonly PartitionedRateLimiter<string>? _limiter;

    public KeyLimits(IOptions<ClientApiOptions> options)
    {
        if (options.Value.KeyRequestsPerSecondMax is > 0 and var requests)
        {
            _limiter = PartitionedRateLimiter.Create<string, string>(digest => RateLimitPartition.GetTokenBucketLimiter(digest, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = requests,
                TokensPerPeriod = requests,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));
        }
    }

    /// <summary>Null when the request may be taken.</summary>
    /// <param name="digest">Digest of the key.</param>
    public ApiError? RefusalOf(string digest)
    {
        using var lease = _limiter?.AttemptAcquire(digest);
        return lease is { IsAcquired: false }
            ? ServiceErrors.TooMany("rate_limited", "This key sends more requests in a second than ClientApi:KeyRequestsPerSecondMax allows.")
            : null;
    }

    public void Dispose() => _limiter?.Dispose();
}
