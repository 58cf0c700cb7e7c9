using System.Net;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class EventCatalogueTests
{
    [Fact]
    public async Task What_arrives_is_answered_most_frequent_first_with_what_was_left_out()
    {
        await using var host = await ApiHost.StartAsync();
        var (response, json) = await host.GetAsync("/v1/events/catalogue");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var order = json.GetProperty("events")[0];
        Assert.Equal(("Order Completed", 2L, true), (order.GetProperty("name").GetString(), order.GetProperty("count").GetInt64(), order.GetProperty("isRead").GetBoolean()));
        Assert.Equal("""{"name":"revenue","types":["string","null"],"isRead":true}""", order.GetProperty("properties")[0].GetRawText());
        Assert.Equal(("not_a_number", "free"), (json.GetProperty("ignored")[0].GetProperty("reason").GetString(), json.GetProperty("ignored")[0].GetProperty("lastExample").GetString()));
        Assert.Equal(4, json.GetProperty("beyondNames").GetInt64());
    }
}
