using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.CrashTests.Http;

/// <summary>The HTTP API as used by an external client: paths, keys and JSON, without the server's types.</summary>
public sealed class SegmentsApi : IDisposable
{
    public const string WriteKey = "write-of-the-tests";
    public const string ReadKey = "read-of-the-tests";
    public const string AdminKey = "admin-of-the-tests";

    /// <summary>How long a refused query is retried.</summary>
    private static readonly TimeSpan TurnedAwayFor = TimeSpan.FromSeconds(30);

    /// <summary>Maximum page size of the API.</summary>
    private const int ChangesPageMax = 1_000;

    private readonly HttpClient _http;

    /// <param name="address">The API's root.</param>
    public SegmentsApi(Uri address)
    {
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        Batches = new BatchClient(_http, address, WriteKey, TimeProvider.System);
    }

    public Uri Address { get; }

    public HttpClient Http => _http;

    /// <summary>Sends batches like a client that must not lose any.</summary>
    public BatchClient Batches { get; }

    public async Task<bool> IsReadyAsync()
    {
        using HttpResponseMessage answer = await _http.GetAsync("/health/ready");
        return answer.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Like <see cref="IsReadyAsync"/>, but false when nothing is listening.</summary>
    public async Task<bool> IsThereAndReadyAsync()
    {
        try
        {
            return await IsReadyAsync();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Sends any request; the caller decides about key and status.</summary>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? key, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return new ApiAnswer((int)response.StatusCode, response.Headers.RetryAfter?.Delta, response.Content.Headers.ContentType?.MediaType, text);
    }

    public Task<ApiAnswer> GetAsync(string path, string? key = ReadKey) => SendAsync(HttpMethod.Get, path, key);

    /// <summary>A query that must succeed with 200; temporary refusals are retried for a while.</summary>
    public async Task<JsonObject> QueryAsync(string path) =>
        await TryQueryAsync(path) ?? throw new InvalidOperationException($"GET {path}: not found.");

    /// <summary>The same; null for 404.</summary>
    public async Task<JsonObject?> TryQueryAsync(string path)
    {
        long startedAt = Stopwatch.GetTimestamp();
        while (true)
        {
            ApiAnswer answer = await GetAsync(path);
            switch (answer.Status)
            {
                case 200:
                    return answer.Json;
                case 404:
                    return null;
                default:
                    if (!answer.IsTurnedAway || Stopwatch.GetElapsedTime(startedAt) > TurnedAwayFor)
                    {
                        throw new InvalidOperationException($"GET {path}: {answer}");
                    }

                    await Task.Delay(answer.RetryAfter!.Value);
                    break;
            }
        }
    }

    public Task<ApiAnswer> PostEventsAsync(string path, ReadOnlyMemory<byte> body) => SendAsync(HttpMethod.Post, path, WriteKey, new ReadOnlyMemoryContent(body));

    public Task<ApiAnswer> PostEventsAsync(string path, string json) => PostEventsAsync(path, Encoding.UTF8.GetBytes(json));

    public Task<ApiAnswer> TrainAsync(int segments) =>
        SendAsync(HttpMethod.Post, "/v1/model/train", AdminKey, new StringContent($$"""{"segments":{{segments}},"force":true}"""));

    /// <summary>Number of a customer's events that took effect; 0 for one that does not exist.</summary>
    public async Task<long> EventCountAsync(string customerId) => (long?)(await TryQueryAsync(CustomerPath(customerId)))?["eventCount"] ?? 0;

    /// <summary>The path of a customer.</summary>
    public static string CustomerPath(string customerId) => $"/v1/customers/{Uri.EscapeDataString(customerId)}";

    /// <summary>One page of transitions after a sequence.</summary>
    public async Task<IReadOnlyList<Change>> ReadChangesAsync(long after) => ReadChanges(await QueryAsync(ChangesPath(after)));

    /// <summary>The same; null when the API refuses temporarily.</summary>
    public async Task<IReadOnlyList<Change>?> TryReadChangesAsync(long after)
    {
        ApiAnswer answer = await GetAsync(ChangesPath(after));
        return answer.Status == 200 ? ReadChanges(answer.Json)
            : answer.IsTurnedAway ? null
            : throw new InvalidOperationException($"Transitions after {after}: {answer}");
    }

    /// <summary>All members of a segment, in pages; empty for a segment that does not exist.</summary>
    public async Task<List<string>> MembersAsync(string segmentId, int pageSize)
    {
        var members = new List<string>();
        string? cursor = null;
        do
        {
            string query = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            JsonObject? page = await TryQueryAsync($"/v1/segments/{segmentId}/members?limit={pageSize}{query}");
            members.AddRange(page?["members"]!.AsArray().Select(member => (string)member!) ?? []);
            cursor = (string?)page?["nextCursor"];
        }
        while (cursor is not null);
        return members;
    }

    public void Dispose() => _http.Dispose();

    private static string ChangesPath(long after) => $"/v1/changes?after={after}&limit={ChangesPageMax}";

    private static Change[] ReadChanges(JsonObject page) => [.. page["changes"]!.AsArray().Select(change => Change.Read(change!))];
}

/// <summary>A complete answer.</summary>
public sealed record ApiAnswer(int Status, TimeSpan? RetryAfter, string? MediaType, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)?.AsObject() ?? throw new InvalidOperationException($"Not a JSON object: {this}");

    /// <summary>True for a temporary refusal as the API promises it: overload, or a store that cannot write.</summary>
    public bool IsTurnedAway => Status is 429 or 503 && RetryAfter > TimeSpan.Zero;
}

/// <summary>A transition as returned by the change feed.</summary>
/// <param name="From">Null when the customer was new.</param>
public sealed record Change(long Sequence, string CustomerId, string? From, string? To, string Cause, int ModelVersion)
{
    internal static Change Read(JsonNode change) => new(
        (long)change["sequence"]!,
        (string)change["customerId"]!,
        (string?)change["from"],
        (string)change["to"]!,
        (string)change["cause"]!,
        (int)change["modelVersion"]!);
}
