using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// Hands in batches as a client that loses nothing does: what is not accepted is sent again whole, with the same message ids, after the wait
/// that the API asks for. One attempt a call; the caller repeats. Safe for many attempts at once.
/// </summary>
/// <param name="client">Sends the requests; it stays the caller's.</param>
/// <param name="api">The API's root.</param>
/// <param name="writeKey">Sent as the user of Basic authentication, as the SDKs do.</param>
/// <param name="time">Limits attempts, and dates a Retry-After that is one.</param>
public sealed class BatchClient(HttpMessageInvoker client, Uri api, string writeKey, TimeProvider time)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(60);

    private readonly AuthenticationHeaderValue _authorization =
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(writeKey + ":")));

    /// <summary>Where batches go.</summary>
    public Uri Target { get; } = new(api, "/v1/batch");

    /// <summary>One request.</summary>
    /// <param name="attempt">From 1 on; the wait grows with it where the API names none.</param>
    public async Task<BatchAnswer> SendAsync(ReadOnlyMemory<byte> json, int attempt, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(AnswerWithin);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Target) { Content = new ReadOnlyMemoryContent(json) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Authorization = _authorization;
            using HttpResponseMessage response = await client.SendAsync(request, timeout.Token);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(timeout.Token);
            BatchOutcome outcome = OutcomeOf(response);
            RetryConditionHeaderValue? asked = response.Headers.RetryAfter;
            DateTimeOffset now = time.GetUtcNow();
            TimeSpan wait = outcome == BatchOutcome.SentBack ? RetryDelay.Of(asked, attempt, now) : TimeSpan.Zero;
            return new BatchAnswer(outcome, response.StatusCode, asked?.Delta ?? (asked?.Date - now), answer, wait);
        }
        catch (Exception error) when (IsNetworkError(error) && !ct.IsCancellationRequested)
        {
            return new BatchAnswer(BatchOutcome.Unanswered, 0, null, default, RetryDelay.Of(null, attempt, time.GetUtcNow()));
        }
    }

    private static BatchOutcome OutcomeOf(HttpResponseMessage response) =>
        response.IsSuccessStatusCode ? BatchOutcome.Accepted
        : (int)response.StatusCode is >= 300 and < 500 and not 408 and not 410 and not 429 and not 460 ? BatchOutcome.Refused
        : BatchOutcome.SentBack;

    private static bool IsNetworkError(Exception error) => error is HttpRequestException or OperationCanceledException or IOException;
}

/// <summary>The answer to one attempt.</summary>
/// <param name="Status">0 when there was no answer.</param>
/// <param name="RetryAfter">What the API asked for; null when it did not.</param>
/// <param name="Body">The answer's body; empty when there was no answer.</param>
/// <param name="Wait">How long to wait before the next attempt, as a client of the protocol does; zero after a success.</param>
public readonly record struct BatchAnswer(BatchOutcome Outcome, HttpStatusCode Status, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Body, TimeSpan Wait);

/// <summary>What one attempt to hand in a batch came to.</summary>
public enum BatchOutcome
{
    /// <summary>A success: the events are durable.</summary>
    Accepted,

    /// <summary>Sent back for now; the same batch is to be sent again after the wait.</summary>
    SentBack,

    /// <summary>Refused for good: the same batch would be refused again.</summary>
    Refused,

    /// <summary>No answer, or half of one; the batch may or may not have taken effect, so it is to be sent again.</summary>
    Unanswered,
}

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
