using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// Sends batches like a client that loses nothing: a batch that is not accepted is sent again whole, with the same message ids, after the
/// wait requested by the API. One attempt per call; the caller repeats. Thread-safe.
/// </summary>
/// <param name="client">Sends the requests; the caller owns it.</param>
/// <param name="api">The API's root.</param>
/// <param name="writeKey">Sent as the user name of Basic authentication, as the SDKs do.</param>
/// <param name="time">Limits attempts, and resolves a Retry-After that is a date.</param>
public sealed class BatchClient(HttpMessageInvoker client, Uri api, string writeKey, TimeProvider time)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(60);

    private readonly AuthenticationHeaderValue _authorization =
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(writeKey + ":")));

    /// <summary>The URL of batches.</summary>
    public Uri Target { get; } = new(api, "/v1/batch");

    /// <summary>Sends one request.</summary>
    /// <param name="attempt">From 1; without Retry-After the wait grows with it.</param>
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
/// <param name="RetryAfter">The wait requested by the API; null when absent.</param>
/// <param name="Body">The answer's body; empty when there was no answer.</param>
/// <param name="Wait">How long to wait before the next attempt; zero after a success.</param>
public readonly record struct BatchAnswer(BatchOutcome Outcome, HttpStatusCode Status, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Body, TimeSpan Wait);

/// <summary>The outcome of one attempt.</summary>
public enum BatchOutcome
{
    /// <summary>Success: the events are durable.</summary>
    Accepted,

    /// <summary>Refused temporarily; send the same batch again after the wait.</summary>
    SentBack,

    /// <summary>Refused permanently: the same batch would be refused again.</summary>
    Refused,

    /// <summary>No answer, or an incomplete one; the outcome is unknown, so the batch must be sent again.</summary>
    Unanswered,
}

/// <summary>Computes the wait before a batch is sent again.</summary>
internal static class RetryDelay
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The value of Retry-After, seconds or a date, up to <see cref="Max"/>; without it the wait doubles with each attempt.
    /// </summary>
    public static TimeSpan Of(RetryConditionHeaderValue? retryAfter, int attempt, DateTimeOffset now)
    {
        TimeSpan? asked = retryAfter?.Delta ?? (retryAfter?.Date - now);
        return asked is { } wait ? Limit(wait, Max) : Limit(First * Math.Pow(2, Math.Min(attempt, 20) - 1), BackoffMax);
    }

    private static TimeSpan Limit(TimeSpan wait, TimeSpan max) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > max ? max : wait;
}
