using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansSegments.Client;

/// <summary>An answer of the API that is no success, or none at all within the time.</summary>
/// <param name="status">0 when there was no answer.</param>
/// <param name="code">The API's code, for example invalid_limit.</param>
public sealed class SegmentsException(HttpStatusCode status, string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>0 when there was no answer.</summary>
    public HttpStatusCode Status => status;

    /// <summary>Stable, so that programs can branch on it.</summary>
    public string Code => code;
}

/// <summary>Sends requests, and sends them again while the answer is that of a server which is busy, starting or gone.</summary>
internal sealed class ApiCaller(HttpClient http, SegmentsClientOptions options)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(10);

    /// <summary>What the API says is kept to, up to here.</summary>
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(5);

    /// <summary>Returns what a success says. An answer that breaks off is as good as none.</summary>
    /// <param name="request">Makes the request anew for each attempt.</param>
    /// <param name="patience">How long it is repeated.</param>
    /// <exception cref="SegmentsException">Thrown for any other answer, and for none.</exception>
    public Task<T> AskAsync<T>(
        Func<HttpRequestMessage> request, string? key, TimeSpan patience, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => SendAsync(
            request,
            key,
            patience,
            async (answer, end) =>
            {
                using (answer)
                using (Stream content = await answer.Content.ReadAsStreamAsync(end).ConfigureAwait(false))
                {
                    return (await JsonSerializer.DeserializeAsync(content, type, end).ConfigureAwait(false))!;
                }
            },
            cancellationToken);

    /// <summary>Returns a success whose body is not read yet; repeats the request for ever.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public Task<HttpResponseMessage> OpenAsync(Func<HttpRequestMessage> request, string? key, CancellationToken cancellationToken) =>
        SendAsync(request, key, TimeSpan.MaxValue, static (answer, _) => Task.FromResult(answer), cancellationToken);

    private async Task<T> SendAsync<T>(
        Func<HttpRequestMessage> request, string? key, TimeSpan patience, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        long startedAt = options.Time.GetTimestamp();
        for (int attempt = 1; ; attempt++)
        {
            SegmentsException problem;
            TimeSpan wait = BackOff(attempt);
            using var deadline = new CancellationTokenSource(options.RequestTimeout, options.Time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            try
            {
                using HttpRequestMessage message = request();
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
                HttpResponseMessage answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, end.Token).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode)
                {
                    return await read(answer, end.Token).ConfigureAwait(false);
                }

                using (answer)
                {
                    wait = RetryAfter(answer.Headers.RetryAfter) ?? wait;
                    problem = await ProblemOfAsync(answer, end.Token).ConfigureAwait(false);
                }

                if (!IsTemporary(answer.StatusCode))
                {
                    throw problem;
                }
            }
            catch (Exception lost) when (IsLost(lost) && !cancellationToken.IsCancellationRequested)
            {
                problem = new SegmentsException(0, "not_sent", $"{options.Address} does not answer: {lost.Message}", lost);
            }

            if (options.Time.GetElapsedTime(startedAt) > patience - wait)
            {
                throw problem;
            }

            await Task.Delay(wait, options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True for what a lost connection or a request without an answer throws.</summary>
    public static bool IsLost(Exception exception) => exception is HttpRequestException or IOException or OperationCanceledException or TimeoutException;

    private static bool IsTemporary(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    /// <summary>Doubles from attempt to attempt; spread, because the clients of a server that went away all come back.</summary>
    private static TimeSpan BackOff(int attempt)
    {
        double wait = Math.Min(FirstWait.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 20) - 1), BackOffMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds((wait / 2) + RandomNumberGenerator.GetInt32((int)(wait / 2)));
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked)
    {
        TimeSpan? wait = asked?.Delta ?? (asked?.Date - options.Time.GetUtcNow());
        return wait is { } time && time > TimeSpan.Zero ? (time < RetryAfterMax ? time : RetryAfterMax) : null;
    }

    private static async Task<SegmentsException> ProblemOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        ErrorAnswer? error = null;
        try
        {
            byte[] body = await answer.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            error = JsonSerializer.Deserialize(body, ClientJson.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            // Not the API's own answer but that of a proxy, for example.
        }

        string code = error?.Code ?? "unknown";
        return new SegmentsException(answer.StatusCode, code, error?.Message ?? $"{answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode} {answer.ReasonPhrase}.");
    }
}
