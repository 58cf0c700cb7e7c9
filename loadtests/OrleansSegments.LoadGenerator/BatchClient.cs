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
