using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class CustomerSearchTests
{
    [Fact]
    public async Task An_answer_has_the_documented_fields_and_a_cursor_that_leads_on()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, first) = await host.GetAsync("/v1/customers?prefix=a&limit=2");
        Assert.Equal(["customers", "nextCursor"], first.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["id", "segment"], first.GetProperty("customers")[0].EnumerateObject().Select(property => property.Name));
        Assert.Equal(["id", "name", "since", "modelVersion"], first.GetProperty("customers")[0].GetProperty("segment").EnumerateObject().Select(property => property.Name));
        var cursor = first.GetProperty("nextCursor").GetString()!;
        Assert.Equal("<b>\U0001F600", cursor);

        var (_, second) = await host.GetAsync($"/v1/customers?prefix=a&limit=2&cursor={Uri.EscapeDataString(cursor)}");
        Assert.Equal((null, "a", cursor, 2), host.Search.Asked);
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
    }

    [Theory]
    [InlineData("prefix=c%3A%25_%5C", null, "c:%_\\")]
    [InlineData("prefix=J%C3%B6rg%20%F0%9F%98%80", null, "J\u00F6rg \U0001F600")]
    [InlineData("email=a%2Bb@example.org", "email", "a+b@example.org")]
    [InlineData("trait=email&value=Ada@Example.org", "email", "Ada@Example.org")]
    [InlineData("trait=phone&value=%3Cscript%3E&prefix=&email=&cursor=", "phone", "<script>")]
    public async Task What_is_sent_is_what_is_looked_for(string query, string? trait, string text)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, _) = await host.GetAsync($"/v1/customers?{query}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((trait, text, null, 100), host.Search.Asked);
    }

    [Theory]
    [InlineData("", "invalid_search", "exactly one")]
    [InlineData("?prefix=&email=", "invalid_search", "none of them empty")]
    [InlineData("?prefix=a&email=b", "invalid_search", "exactly one")]
    [InlineData("?email=a&trait=phone&value=1", "invalid_search", "exactly one")]
    [InlineData("?trait=phone", "invalid_search", "together with value=")]
    [InlineData("?value=1", "invalid_search", "together with value=")]
    [InlineData("?prefix=a&value=1", "invalid_search", "exactly one")]
    [InlineData("?prefix=a&limit=0", "invalid_limit", "whole number")]
    [InlineData("?trait=shoe+size&value=38", "invalid_trait", "Customers:IndexedTraits")]
    public async Task A_search_that_cannot_be_made_is_400_and_says_the_cure(string query, string code, string cure)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync($"/v1/customers{query}");
        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Contains(cure, json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prefix", "invalid_search")]
    [InlineData("email", "invalid_search")]
    [InlineData("prefix=a&cursor", "invalid_cursor")]
    public async Task Nothing_longer_than_an_id_is_looked_for(string name, string code)
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync($"/v1/customers?{name}={new string('x', 256)}");
        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"/v1/customers?{name}={new string('x', 255)}")).Response.StatusCode);
    }

    [Theory]
    [InlineData(ApiHost.ReadKey, HttpStatusCode.OK)]
    [InlineData(ApiHost.WriteKey, HttpStatusCode.Forbidden)]
    [InlineData("unknown", HttpStatusCode.Unauthorized)]
    public async Task A_search_needs_a_read_key(string key, HttpStatusCode expected)
    {
        await using var host = await ApiHost.StartAsync();
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(expected, (await host.GetAsync("/v1/customers?email=ada@example.org")).Response.StatusCode);
    }

    [Fact]
    public async Task The_document_names_the_search_and_its_parameters()
    {
        await using var host = await ApiHost.StartAsync();
        var (_, json) = await host.GetAsync("/openapi/v1.json");
        var parameters = json.GetProperty("paths").GetProperty("/v1/customers").GetProperty("get").GetProperty("parameters");
        Assert.Superset(
            new HashSet<string?> { "prefix", "email", "trait", "value", "cursor", "limit" },
            parameters.EnumerateArray().Select(parameter => parameter.TryGetProperty("name", out var name) ? name.GetString() : null).ToHashSet());
    }
}
