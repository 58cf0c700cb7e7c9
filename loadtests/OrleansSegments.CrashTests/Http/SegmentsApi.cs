using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansSegments.EndToEndTests.Http;

/// <summary>The HTTP API as a stranger uses it: paths, keys and JSON, none of the server's types.</summary>
internal sealed class SegmentsApi(Uri address) : IDisposable
{
    public const string WriteKey = "write-of-the-tests";
    public const string ReadKey = "read-of-the-tests";
    public const string AdminKey = "admin-of-the-tests";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

    public HttpClient Http => _http;

    public async Task<bool> IsReadyAsync()
    {
        using HttpResponseMessage answer = await _http.GetAsync("/health/ready");
        return answer.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Any request; the caller decides about key and status.</summary>
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

    /// <summary>A query that must be answered with 200.</summary>
    public async Task<JsonObject> QueryAsync(string path)
    {
        ApiAnswer answer = await GetAsync(path);
        return answer.Status == 200 ? answer.Json : throw new InvalidOperationException($"GET {path}: {answer}");
    }

    public Task<ApiAnswer> PostEventsAsync(string path, ReadOnlyMemory<byte> body) => SendAsync(HttpMethod.Post, path, WriteKey, new ReadOnlyMemoryContent(body));

    public Task<ApiAnswer> PostEventsAsync(string path, string json) => PostEventsAsync(path, Encoding.UTF8.GetBytes(json));

    public Task<ApiAnswer> TrainAsync(int segments) =>
        SendAsync(HttpMethod.Post, "/v1/model/train", AdminKey, new StringContent($$"""{"segments":{{segments}},"force":true}"""));

    /// <summary>How many events of a customer took effect; 0 for one that is not known.</summary>
    public async Task<long> EventCountAsync(string customerId)
    {
        ApiAnswer answer = await GetAsync($"/v1/customers/{customerId}");
        return answer.Status switch
        {
            200 => (long)answer.Json["eventCount"]!,
            404 => 0,
            _ => throw new InvalidOperationException($"Customer {customerId}: {answer}"),
        };
    }

    /// <summary>All members of a segment, page by page.</summary>
    public async Task<List<string>> MembersAsync(string segmentId, int pageSize)
    {
        var members = new List<string>();
        string? cursor = null;
        do
        {
            string query = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            JsonObject page = await QueryAsync($"/v1/segments/{segmentId}/members?limit={pageSize}{query}");
            members.AddRange(page["members"]!.AsArray().Select(member => (string)member!));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        return members;
    }

    public void Dispose() => _http.Dispose();
}
