using System.Net;
using System.Text.Json.Nodes;
using OrleansSegments.Client;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.EndToEndTests.Api;

namespace OrleansSegments.EndToEndTests.Clients;

/// <summary>What the .NET client reads is what the API says.</summary>
public sealed class AskingTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_is_read_with_features_reasons_and_history()
    {
        await using SegmentsClient client = NewClient();
        string id = silo.Shoppers.CustomerIds[0];
        JsonObject raw = await silo.Api.QueryAsync($"/v1/customers/{id}");

        Customer customer = (await client.GetCustomerAsync(id, Token))!;
        Assert.Equal((id, (string?)raw["segment"]!["name"], (long)raw["eventCount"]!), (customer.Id, customer.Segment.Name, customer.EventCount));
        Assert.Equal(raw["features"]!.AsObject().Select(feature => feature.Key), customer.Features.Keys);

        Explanation reasons = (await client.ExplainAsync(id, Token))!;
        Assert.Equal(customer.Segment.Id, reasons.Effective.Id);
        Assert.Equal(RunningSilo.Segments, reasons.Distances.Length);
        Assert.NotEmpty(reasons.Contributions);

        IReadOnlyList<Client.Change> history = await client.GetHistoryAsync(id, cancellationToken: Token);
        Assert.Equal((customer.Segment.Id, "s0"), (history[0].To, history[^1].To));

        Assert.Null(await client.GetCustomerAsync("nobody/at all?", Token));
        Assert.Null(await client.ExplainAsync("nobody", Token));
        Assert.Empty(await client.GetHistoryAsync("nobody", cancellationToken: Token));
    }

    [Fact]
    public async Task The_members_of_all_segments_are_the_population()
    {
        await using SegmentsClient client = NewClient();
        SegmentList list = await client.GetSegmentsAsync(Token);
        var members = new List<string>();
        foreach (SegmentSummary segment in list.Segments)
        {
            List<string> own = await client.GetMembersAsync(segment.Id, Token).ToListAsync(Token);
            Assert.Equal(segment.Size, own.Count);
            members.AddRange(own);
            SegmentDetails details = (await client.GetSegmentAsync(segment.Id, Token))!;
            Assert.Equal((segment.Name, segment.Size), (details.Name, details.Size));
        }

        Assert.Equal(list.Population, members.Distinct().Count());
        Assert.Null(await client.GetSegmentAsync("s999", Token));
    }

    [Fact]
    public async Task Customers_are_found_and_a_refusal_has_the_code_of_the_API()
    {
        await using SegmentsClient client = NewClient();
        string id = silo.Shoppers.CustomerIds[0];
        FoundCustomer found = await client.FindByPrefixAsync(id, Token).FirstAsync(Token);
        Assert.Equal(id, found.Id);
        Assert.Empty(await client.FindByTraitAsync("email", "nobody@example.org", Token).ToListAsync(Token));

        SegmentsException refused = await Assert.ThrowsAsync<SegmentsException>(async () => await client.FindByTraitAsync("shoe size", "42", Token).ToListAsync(Token));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_trait"), (refused.Status, refused.Code));
    }

    private SegmentsClient NewClient() => new(new SegmentsClientOptions { Address = silo.Api.Address, ReadKey = SegmentsApi.ReadKey });
}
