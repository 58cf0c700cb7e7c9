using System.Net;
using System.Text;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Bodies as they are packed and encoded: what is meant well is taken, and what is wrong is told with its cure.</summary>
public sealed class BodyEncodingTests
{
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes(IngestionTests.OneTrack);

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("x-gzip")]
    [InlineData("gzip", "identity")]
    [InlineData("identity", "X-GZip")]
    public async Task A_gzip_body_is_taken_under_every_name_of_it(params string[] codings)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, _) = await host.PostAsync("/v1/batch", IngestionTests.Gzip(Plain), codings);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(host.Router.Events);
    }

    [Fact]
    public async Task A_plain_body_may_be_called_identity()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, _) = await host.PostAsync("/v1/batch", Plain, "identity");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip", "deflate")]
    public async Task A_coding_that_is_not_known_is_named(params string[] codings)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/batch", IngestionTests.Gzip(Plain), codings);
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.UnsupportedMediaType, "unsupported_encoding");
        Assert.Contains(codings[^1], json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>It was once an unhandled exception, answered with advice about percent-encoding.</summary>
    [Fact]
    public async Task A_packed_body_above_the_limit_is_refused_as_too_large()
    {
        await using var host = await ApiHost.StartAsync(options => options.RequestBytesMax = 4_096);
        var noise = new byte[20_000];
        new Random(1).NextBytes(noise);
        var (response, json) = await host.PostAsync("/v1/batch", IngestionTests.Gzip(noise), "gzip");
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    /// <summary>Answered with 200 and left unread, such a body once ended the connection under the client's next request.</summary>
    [Fact]
    public async Task Metrics_above_the_limit_are_refused_as_too_large()
    {
        await using var host = await ApiHost.StartAsync(options => options.RequestBytesMax = 4_096);
        var (response, json) = await host.PostAsync("/v1/m", new byte[70_000]);
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    /// <summary>The last eight bytes are checksum and length. They once went unread: a body cut by up to nine bytes was taken.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(30)]
    public async Task A_gzip_that_ends_early_is_refused_and_nothing_is_taken(int bytesMissing)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/batch", IngestionTests.Gzip(Plain)[..^bytesMissing], "gzip");
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.BadRequest, "invalid_gzip");
        Assert.Contains("ends early", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Router.Events);
    }

    [Fact]
    public async Task A_gzip_with_a_wrong_checksum_is_refused_and_nothing_is_taken()
    {
        await using var host = await ApiHost.StartAsync();
        var packed = IngestionTests.Gzip(Plain);
        packed[^6] ^= 1;
        var (response, json) = await host.PostAsync("/v1/batch", packed, "gzip");
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.BadRequest, "invalid_gzip");
        Assert.Contains("checksum", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Router.Events);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    public async Task A_body_that_is_announced_as_gzip_and_is_none_is_told_to_leave_the_header_out(int length)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/batch", Plain[..length], "gzip");
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.BadRequest, "invalid_gzip");
        Assert.Contains("leave the header out", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gzip_body_without_the_header_is_told_to_send_it()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.PostAsync("/v1/batch", IngestionTests.Gzip(Plain));
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.BadRequest, "invalid_gzip");
        Assert.Contains("Content-Encoding: gzip", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_byte_order_mark_is_skipped(bool packed)
    {
        await using var host = await ApiHost.StartAsync();
        byte[] marked = [0xEF, 0xBB, 0xBF, .. Plain];
        var (response, _) = packed ? await host.PostAsync("/v1/batch", IngestionTests.Gzip(marked), "gzip") : await host.PostAsync("/v1/batch", marked);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(host.Router.Events);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Utf16_is_told_to_be_utf8(bool bigEndian, bool marked)
    {
        await using var host = await ApiHost.StartAsync();
        var encoding = new UnicodeEncoding(bigEndian, marked);
        byte[] body = [.. encoding.GetPreamble(), .. encoding.GetBytes(IngestionTests.OneTrack)];
        var (response, json) = await host.PostAsync("/v1/batch", body);
        IngestionTests.AssertIngestionError(response, json, HttpStatusCode.BadRequest, "invalid_json");
        Assert.Contains("Encode it as UTF-8", json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_without_a_length_is_read_to_its_end()
    {
        await using var host = await ApiHost.StartAsync();
        using var content = new StreamContent(new ForwardOnlyStream(Encoding.UTF8.GetBytes(IngestionTests.OneTrack.PadRight(1_000_000))));
        using var response = await host.Client.PostAsync(new Uri("/v1/batch", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(host.Router.Events);
    }
}
