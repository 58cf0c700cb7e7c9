using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.EndToEndTests.Api;

namespace OrleansSegments.EndToEndTests.Sdks;

/// <summary>Unmodified SDKs make every call they have; what they said stands in the customer's profile, also when answers fail or are lost on the way.</summary>
public sealed class SdkTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private const int Orders = 20;

    /// <summary>What becomes of one request after the other; the rest pass. See <c>tests/sdks/faults.mjs</c>.</summary>
    private static readonly string[] Faults = ["500", "pass", "lost", "429", "pass", "cut", "pass", "lost"];

    public static readonly TheoryData<string> Sdks = ["segment-node-3", "segment-node-2", "customerio-node", "analytics-node-6", "rudderstack-node", "jitsu-js"];

    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task What_an_SDK_sends_is_in_the_profile(string sdk)
    {
        SdkPrograms.OrSkip();
        await SendAsync(sdk, $"clean-{sdk}");
    }

    /// <summary>Jitsu's client does not send anything again, so it is left out.</summary>
    [Theory]
    [MemberData(nameof(Sdks))]
    public async Task Failed_and_lost_answers_change_nothing(string sdk)
    {
        SdkPrograms.OrSkip();
        Assert.SkipWhen(sdk == "jitsu-js", "This SDK gives up at the first failure.");
        JsonObject clean = await SendAsync(sdk, $"expected-{sdk}");
        JsonObject faulty = await SendAsync(sdk, $"faulty-{sdk}", Faults);

        Assert.Equal((long)clean["eventCount"]!, (long)faulty["eventCount"]!);
        foreach (string feature in (string[])["orders_90d", "spend_90d", "order_value", "age"])
        {
            Assert.Equal((double)clean["features"]![feature]!, (double)faulty["features"]![feature]!, 1e-3);
        }
    }

    [Fact]
    public async Task The_browser_SDK_on_a_page_of_another_origin_is_understood()
    {
        SdkPrograms.BrowserOrSkip();
        JsonObject outcome = await SdkPrograms.RunAsync("browse.mjs", silo.Api.Address.ToString().TrimEnd('/'), SegmentsApi.WriteKey, "web-user");

        Assert.True(outcome["problems"]!.AsArray().Count == 0, outcome.ToJsonString());
        Assert.All(outcome["answers"]!.AsArray(), answer => Assert.True((int)answer!["status"]! is 200 or 204, answer.ToJsonString()));
        JsonObject profile = await silo.Api.QueryAsync("/v1/customers/web-user");
        Assert.Equal((int)outcome["calls"]!, (int)profile["eventCount"]!);
        Assert.Equal(50, (double)profile["features"]!["spend_90d"]!, 0.1);
        Assert.Equal(41, (int)profile["traits"]!["age"]!);
    }

    /// <returns>The profile of the user.</returns>
    private async Task<JsonObject> SendAsync(string sdk, string user, params string[] faults)
    {
        JsonObject outcome = await SdkPrograms.RunAsync(
            "send.mjs", [sdk, silo.Api.Address.ToString().TrimEnd('/'), SegmentsApi.WriteKey, user, .. faults]);
        Assert.True(outcome["lost"]!.AsArray().Count == 0, outcome.ToJsonString());
        JsonObject profile = await silo.Api.QueryAsync($"/v1/customers/{user}");
        Assert.True((int)outcome["calls"]! == (int)profile["eventCount"]!, $"{outcome.ToJsonString()} {profile.ToJsonString()}");
        Assert.Equal(Orders * 10, (double)profile["features"]!["spend_90d"]!, 0.1);
        Assert.Equal(41, (int)profile["traits"]!["age"]!);
        Assert.Equal("Köln", (string?)profile["traits"]!["city"]);
        return profile;
    }
}
