using System.Net.Http.Headers;

namespace OrleansSegments.LoadGenerator;

/// <summary>How long to wait before a batch is sent again.</summary>
internal static class RetryDelay
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);

    /// <summary>What Retry-After asks for, seconds or a date, up to <see cref="Max"/>; without it the wait doubles with each attempt.</summary>
    public static TimeSpan Of(RetryConditionHeaderValue? retryAfter, int attempt, DateTimeOffset now)
    {
        TimeSpan? asked = retryAfter?.Delta ?? (retryAfter?.Date - now);
        return asked is { } wait ? Limit(wait, Max) : Limit(First * Math.Pow(2, Math.Min(attempt, 20) - 1), BackoffMax);
    }

    private static TimeSpan Limit(TimeSpan wait, TimeSpan max) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > max ? max : wait;
}
