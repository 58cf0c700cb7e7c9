using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using OrleansSegments.Contracts.Exports;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class FileTests
{
    private const string Odd = "a,\"b\"\nc \U0001F600";

    [Theory]
    [InlineData("/v1/segments/s2/members?format=csv", null, "customerId\nm1\n\"a,\"\"b\"\"\nc \U0001F600\"\nm3\n")]
    [InlineData("/v1/segments/s2/members", "text/csv", "customerId\nm1\n\"a,\"\"b\"\"\nc \U0001F600\"\nm3\n")]
    [InlineData("/v1/segments/s2/members", "application/json;q=0.5, application/x-ndjson", "{\"customerId\":\"m1\"}\n{\"customerId\":\"a,\\u0022b\\u0022\\nc \\uD83D\\uDE00\"}\n{\"customerId\":\"m3\"}\n")]
    [InlineData("/v1/customers?format=csv", null, "customerId,segment,modelVersion,asOf,spend,gap\nada,s2,4,2026-03-01T12:00:00.0000000+00:00,12.5,\n")]
    [InlineData("/v1/customers", "application/x-ndjson", "{\"customerId\":\"ada\",\"segment\":\"s2\",\"modelVersion\":4,\"asOf\":\"2026-03-01T12:00:00+00:00\",\"features\":{\"spend\":12.5}}\n")]
    public async Task A_file_is_given_to_whoever_asks_for_one(string path, string? accept, string expected)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(host, path, accept);

        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
        Assert.Equal(expected.StartsWith('{') ? "application/x-ndjson" : "text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            ("2026-03-01T12:00:00.0000000+00:00", "4", "77", path.Contains("members", StringComparison.Ordinal) ? "3" : "1"),
            (Header("Export-As-Of"), Header("Export-Model-Version"), Header("Export-Sequence"), Header("Export-Lines")));

        string Header(string name) => Assert.Single(response.Headers.GetValues(name));
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/json, text/csv;q=0.9")]
    [InlineData("text/csv;q=0, */*")]
    public async Task Whoever_takes_anything_gets_a_page(string accept)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(host, "/v1/segments/s2/members?limit=2", accept);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/v1/segments/s2/members?format=parquet", HttpStatusCode.BadRequest, "invalid_format")]
    [InlineData("/v1/customers?format=xlsx", HttpStatusCode.BadRequest, "invalid_format")]
    [InlineData("/v1/segments/s9/members?format=csv", HttpStatusCode.NotFound, "not_found")]
    [InlineData("/v1/customers", HttpStatusCode.BadRequest, "invalid_search")]
    public async Task What_is_no_file_is_refused(string path, HttpStatusCode status, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync(path);
        Assert.Equal((status, code), (response.StatusCode, json.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_file_that_cannot_be_completed_never_looks_like_a_whole_one()
    {
        await using var host = await ApiHost.StartAsync();
        host.Export.Failure = new TimeoutException("The silo is gone.");

        // The connection breaks before the head of the answer is read, or after.
        Exception broken = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await SendAsync(host, "/v1/segments/s2/members?format=csv", accept: null);
            await (await response.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);
        });
        Assert.True(broken is IOException or HttpRequestException, broken.ToString());
    }

    [Fact]
    public async Task A_fifth_file_at_once_is_refused_until_one_is_read()
    {
        await using var host = await ApiHost.StartAsync();
        host.Export.Gate = new TaskCompletionSource();
        var open = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(host, "/v1/segments/s2/members?format=csv", accept: null)));

        var (refused, json) = await host.GetAsync("/v1/customers?format=csv");
        Assert.Equal((HttpStatusCode.TooManyRequests, "overloaded"), (refused.StatusCode, json.GetProperty("code").GetString()));

        host.Export.Gate.SetResult();
        Assert.All(open, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        foreach (var response in open)
        {
            Assert.EndsWith("m3\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            response.Dispose();
        }

        using var next = await SendAsync(host, "/v1/customers?format=csv", accept: null);
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiHost host, string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (accept is not null)
        {
            request.Headers.Accept.Clear();
            Array.ForEach(accept.Split(", "), type => request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(type)));
        }

        return await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Three members on two pages, one of them with an odd id, and one customer with a feature that has no value.</summary>
    internal sealed class FakeExport : IExportGrain
    {
        private static ExportInstant Instant(long lines) => new(TestTime.Noon, 4, 77, lines);

        /// <summary>Thrown after the first page.</summary>
        public Exception? Failure { get; set; }

        /// <summary>The second page waits for it.</summary>
        public TaskCompletionSource? Gate { get; set; }

        public async IAsyncEnumerable<MembersExport> Members(int segmentId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new MembersExport(Instant(3), ["m1", Odd]);
            await (Gate?.Task ?? Task.CompletedTask).WaitAsync(cancellationToken);
            yield return Failure is null ? new MembersExport(Instant(3), ["m3"]) : throw Failure;
        }

        public async IAsyncEnumerable<CustomersExport> Customers([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            yield return new CustomersExport(Instant(1), ["spend", "gap"], [new ExportedCustomer("ada", "s2", 4, [12.5, double.NaN])]);
        }
    }
}
