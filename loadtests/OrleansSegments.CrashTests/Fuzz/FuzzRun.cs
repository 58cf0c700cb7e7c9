using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansSegments.CrashTests.Fuzz;

/// <summary>
/// Sends fuzzed requests to a running API. No answer may be a 5xx, every body must be one JSON document without a name twice in an object, and no connection may be cut
/// before its answer. One request in two thousand is a body that stops in the middle.
/// </summary>
public static class FuzzRun
{
    private const int SlowBodyEvery = 2_000;
    private const int FaultsKeptMax = 20;

    /// <param name="requests">How many; they go out eight at a time.</param>
    public static async Task<FuzzReport> RunAsync(Uri address, int seed, int requests, Action<int> progress, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        var source = new FuzzRequests(seed);
        var statuses = new ConcurrentDictionary<int, int>();
        var faults = new ConcurrentQueue<string>();
        int done = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests).Select(number => (Number: number, Request: source.Next())),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (next, token) =>
            {
                string? fault = next.Number % SlowBodyEvery == SlowBodyEvery - 1
                    ? await SendHalfAsync(address, token)
                    : await SendAsync(http, next.Request, statuses, token);
                if (fault is not null && faults.Count < FaultsKeptMax)
                {
                    faults.Enqueue($"request {next.Number} of seed {seed}: {next.Request.Method} {next.Request.Path}: {fault}");
                }

                progress(Interlocked.Increment(ref done));
            });
        return new FuzzReport(requests, statuses.OrderBy(status => status.Key).ToDictionary(), [.. faults]);
    }

    private static async Task<string?> SendAsync(HttpClient http, FuzzRequest request, ConcurrentDictionary<int, int> statuses, CancellationToken token)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(http.BaseAddress!.OriginalString.TrimEnd('/') + request.Path));
        message.Content = request.Method is "GET" or "HEAD" ? null : new ByteArrayContent(request.Body);
        foreach ((string name, string value) in request.Headers)
        {
            HttpHeaders headers = name.StartsWith("Content-", StringComparison.Ordinal) ? message.Content?.Headers ?? (HttpHeaders)message.Headers : message.Headers;
            headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using HttpResponseMessage answer = await http.SendAsync(message, token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(token);
            int status = (int)answer.StatusCode;
            statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
            return status >= 500 ? $"{status} {Encoding.UTF8.GetString(body)}"
                : request.Method == "HEAD" || status is 204 or 304 || IsToSignIn(answer) ? null
                : JsonFault(body) is { } fault ? $"{status} {fault}: {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 300)))}"
                : null;
        }
        catch (HttpRequestException cut)
        {
            return $"{cut.InnerException?.Message ?? cut.Message} {string.Join(", ", request.Headers)}, {request.Body.Length} bytes: {Convert.ToHexString(request.Body.AsSpan(0, Math.Min(request.Body.Length, 60)))}";
        }
    }

    /// <summary>Announces a body, sends half of it and goes away.</summary>
    private static async Task<string?> SendHalfAsync(Uri address, CancellationToken token)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, token);
        await client.GetStream().WriteAsync("POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{\"batch\":["u8.ToArray(), token);
        return null;
    }

    /// <summary>Somebody who looks at a page of the console is led to its sign-in.</summary>
    private static bool IsToSignIn(HttpResponseMessage answer) =>
        answer is { StatusCode: HttpStatusCode.Redirect, Headers.Location: { } to, RequestMessage.Method.Method: "GET" } && to.OriginalString.Contains("/sign-in", StringComparison.Ordinal);

    private static string? JsonFault(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return null;
        }
        catch (JsonException broken)
        {
            return broken.Message;
        }
    }
}

/// <summary>What a run of fuzzed requests found.</summary>
/// <param name="Statuses">Answers by status code.</param>
/// <param name="Faults">The first faults, each with what repeats it.</param>
public sealed record FuzzReport(int Requests, IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Faults);
