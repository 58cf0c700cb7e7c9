using System.Collections.Concurrent;
using System.Net;

namespace OrleansSegments.UnitTests.LoadGenerator;

/// <summary>Answers requests from a script and records them.</summary>
/// <param name="answer">Returns the answer for the request's number, from 1.</param>
internal sealed class ScriptedApi(Func<int, HttpResponseMessage> answer) : HttpMessageHandler
{
    private int _requests;

    public ConcurrentQueue<(HttpRequestMessage Request, string Body)> Requests { get; } = [];

    public static HttpResponseMessage Ok(string body = """{"success":true}""") =>
        new(HttpStatusCode.OK) { Content = new StringContent(body) };

    public static HttpResponseMessage Status(int status, int? retryAfterSeconds = null)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("""{"code":"x","message":"no"}""") };
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(seconds));
        }

        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = await request.Content!.ReadAsStringAsync(cancellationToken);
        int number = Interlocked.Increment(ref _requests);
        Requests.Enqueue((request, body));
        return answer(number);
    }
}

/// <summary>A clock that stands still except for its timers: every delay ends at once and moves the clock to its end.</summary>
internal sealed class LeapingTime : TimeProvider
{
    private readonly DateTimeOffset _start = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private long _ticks = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => new(Interlocked.Read(ref _ticks) - 1);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Advance(dueTime);
        ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
        return new Rung();
    }

    private sealed class Rung : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
