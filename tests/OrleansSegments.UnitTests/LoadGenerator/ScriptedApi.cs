using System.Collections.Concurrent;
using System.Net;

namespace OrleansSegments.UnitTests.LoadGenerator;

/// <summary>Answers requests by a script and keeps what was asked.</summary>
/// <param name="answer">Given the request's number from 1, the answer.</param>
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
