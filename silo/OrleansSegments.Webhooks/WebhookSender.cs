using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using OrleansSegments.Contracts.Webhooks;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace OrleansSegments.Webhooks;

/// <summary>
/// Sends messages to receivers: signs every attempt anew, repeats an attempt that failed at once, follows no redirects, and connects to public addresses only.
/// Thread-safe.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    /// <summary>How long an attempt waits for the beginning of the answer.</summary>
    private static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(10);

    /// <summary>Quick retries, after 0.2 and 0.4 s: they bridge the restart of one of a receiver's processes. Everything longer is the webhook's back-off.</summary>
    private const int QuickRetriesMax = 2;

    private static readonly TimeSpan QuickRetryWait = TimeSpan.FromMilliseconds(200);

    /// <summary>Names that lead elsewhere are looked up again after that time.</summary>
    private static readonly TimeSpan ConnectionMax = TimeSpan.FromMinutes(5);

    /// <summary>A longer answer ends the connection instead of being read.</summary>
    private const int AnswerBytesMax = 64 * 1024;

    private static readonly HttpRequestOptionsKey<WebhookMessage> MessageKey = new("message");
    private static readonly HttpRequestOptionsKey<bool> ProbeKey = new("probe");

    private readonly HttpClient _client;
    private readonly TimeProvider _clock;

    public WebhookSender(IOptions<WebhookOptions> options, TimeProvider clock)
    {
        _clock = clock;
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,

            // A proxy would connect to addresses that were never checked.
            UseProxy = false,
            PooledConnectionLifetime = ConnectionMax,
            MaxResponseDrainSize = AnswerBytesMax,
            ConnectCallback = PublicAddresses.Connect(options.Value.AllowPrivateAddresses),
        };
        ResiliencePipeline<HttpResponseMessage> once = Pipeline(clock, retries: 0);
        ResiliencePipeline<HttpResponseMessage> patient = Pipeline(clock, QuickRetriesMax);
        _client = new HttpClient(new ResilienceHandler(request => request.Options.TryGetValue(ProbeKey, out bool isProbe) && isProbe ? once : patient)
        {
            InnerHandler = new SigningHandler(clock) { InnerHandler = connections },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <param name="isProbe">True to send it once, without quick retries.</param>
    public async Task<SendResult> SendAsync(WebhookMessage message, bool isProbe, CancellationToken cancellationToken)
    {
        long startedAt = _clock.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Target.Url) { Content = new StringContent(message.Body, Encoding.UTF8, "application/json") };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("OrleansSegments-Webhooks", null));
        if (message.Target.WriteKey is { } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(key + ":")));
        }

        request.Options.Set(MessageKey, message);
        request.Options.Set(ProbeKey, isProbe);
        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new SendResult(
                Delivery((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : ProblemOf(answer)), answer.StatusCode == HttpStatusCode.Gone, RetryAfterOf(answer));
        }
        catch (TimeoutRejectedException)
        {
            return new SendResult(Delivery(null, $"No answer within {AttemptMax.TotalSeconds} s."), false, null);
        }
        catch (HttpRequestException exception)
        {
            return new SendResult(Delivery(null, (exception.InnerException as PrivateAddressException)?.Message ?? exception.Message), false, null);
        }

        WebhookDelivery Delivery(int? status, string? problem) => new(
            message.Id, message.Sequence, _clock.GetUtcNow(), problem is null, message.Attempts, status, problem, Math.Round(_clock.GetElapsedTime(startedAt).TotalMilliseconds, 1));
    }

    public void Dispose() => _client.Dispose();

    private static ResiliencePipeline<HttpResponseMessage> Pipeline(TimeProvider clock, int retries)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock };
        if (retries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = retries,
                Delay = QuickRetryWait,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = static attempt => ValueTask.FromResult(IsPassing(attempt.Outcome)),
            });
        }

        return pipeline.AddTimeout(AttemptMax).Build();
    }

    /// <summary>Failures that a second attempt may mend. A receiver that says when to come back, or that hangs, is left alone.</summary>
    private static bool IsPassing(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException exception } => exception.InnerException is not PrivateAddressException,
        { Result: { } answer } => (int)answer.StatusCode >= 500 && answer.Headers.RetryAfter is null,
        _ => false,
    };

    private static string ProblemOf(HttpResponseMessage answer) => (int)answer.StatusCode switch
    {
        >= 300 and < 400 => $"The receiver answered {(int)answer.StatusCode} and names {answer.Headers.Location}. Redirects are not followed: set url to the final address.",
        410 => "The receiver answered 410 Gone: it wants no more messages.",
        var status => $"The receiver answered {status} {answer.ReasonPhrase}.",
    };

    private TimeSpan? RetryAfterOf(HttpResponseMessage answer) => answer.IsSuccessStatusCode
        ? null
        : answer.Headers.RetryAfter?.Delta ?? (answer.Headers.RetryAfter?.Date - _clock.GetUtcNow())
            ?? (answer.StatusCode == HttpStatusCode.TooManyRequests ? TimeSpan.Zero : null);

    /// <summary>Signs each attempt with the time at which it is sent.</summary>
    private sealed class SigningHandler(TimeProvider clock) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Options.TryGetValue(MessageKey, out WebhookMessage? message);
            DateTimeOffset now = clock.GetUtcNow();
            message!.Attempts++;
            Set("webhook-id", message.Id);
            Set("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
            Set("webhook-signature", message.Target.Sign(message.Id, now, message.Body));
            return base.SendAsync(request, cancellationToken);

            void Set(string name, string value)
            {
                request.Headers.Remove(name);
                request.Headers.Add(name, value);
            }
        }
    }
}

/// <summary>What came of a message.</summary>
/// <param name="IsGone">The receiver wants nothing more.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone; null when it does not say.</param>
internal sealed record SendResult(WebhookDelivery Delivery, bool IsGone, TimeSpan? RetryAfter);
