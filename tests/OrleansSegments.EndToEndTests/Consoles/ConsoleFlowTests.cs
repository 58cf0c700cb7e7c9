using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Consoles;

/// <summary>What people do with the console, in a real browser on a real silo.</summary>
public sealed class ConsoleFlowTests(ConsoleSilo silo) : IClassFixture<ConsoleSilo>
{
    [Fact]
    public async Task Somebody_signs_in_and_out()
    {
        IPage page = await silo.OpenAsync(null, "segments");
        Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
        await page.FillAsync("#key", "not-a-key");
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync("[role=alert]");
        await page.FillAsync("#key", SegmentsApi.ReadKey);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync(url => url.EndsWith("/segments", StringComparison.Ordinal));

        BrowserContextCookiesResult cookie = Assert.Single(await page.Context.CookiesAsync(), x => x.Name == "segments-console");
        Assert.True(cookie is { HttpOnly: true, SameSite: SameSiteAttribute.Strict });

        await page.ClickAsync("header button[aria-label='Sign out']");
        await page.WaitForURLAsync(url => url.Contains("/sign-in", StringComparison.Ordinal));
        await page.GotoAsync("");
        Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overview_and_the_segments_show_the_figures_of_the_api_and_follow_them()
    {
        IPage page = await silo.OpenAsync(SegmentsApi.ReadKey);
        string before = (await page.TextContentAsync("#population"))!;
        Assert.Equal(Shown((await silo.Api.QueryAsync("/v1/segments"))["population"]!), before);
        await silo.SendAsync("""{"type":"track","event":"Order Completed","userId":"comes-later","messageId":"later-1","properties":{"revenue":10}}""");
        await HoldsAsync("the population changes by itself", page, async () => await page.TextContentAsync("#population") != before);

        JsonObject answer = await silo.Api.QueryAsync("/v1/segments");
        Assert.Equal(Shown(answer["population"]!), await page.TextContentAsync("#population"));
        await page.GotoAsync("segments");
        foreach (JsonNode? segment in answer["segments"]!.AsArray())
        {
            Assert.Equal(Shown(segment!["size"]!), await page.TextContentAsync($"[data-segment={segment["id"]}] .size"));
        }

        Assert.Equal(Shown(answer["population"]!), await page.TextContentAsync("#sum"));
    }

    [Fact]
    public async Task A_segment_shows_its_members()
    {
        JsonObject answer = await silo.Api.QueryAsync("/v1/segments");
        string id = answer["segments"]!.AsArray().MaxBy(segment => (long)segment!["size"]!)!["id"]!.ToString();
        IPage page = await silo.OpenAsync(SegmentsApi.ReadKey, $"segments/{id}");
        await page.WaitForSelectorAsync(".members li");
        string[] expected = [.. (await silo.Api.QueryAsync($"/v1/segments/{id}/members?limit=20"))["members"]!.AsArray().Select(x => x!.ToString())];
        Assert.Equal(expected, (await page.Locator(".members li").AllTextContentsAsync()).Select(text => text.Trim()).Take(expected.Length));
    }

    [Theory]
    [InlineData(ConsoleSilo.Marked)]
    [InlineData("<img src=x")]
    [InlineData(ConsoleSilo.Marker + "@EXAMPLE.com")]
    public async Task An_agent_finds_a_customer_by_id_its_beginning_or_email_and_reads_why(string search)
    {
        IPage page = await silo.OpenAsync(SegmentsApi.ReadKey);

        // Text typed before the page is live goes when the live page takes the place of the first one.
        await LiveAsync(page);
        await page.FillAsync("#find", search);
        await page.PressAsync("#find", "Enter");
        await page.WaitForURLAsync("**/customers?*");
        await page.ClickAsync("main tbody a");
        await page.WaitForSelectorAsync("#why");
        await HoldsAsync("the page is the customer's", page, async () => (await page.TextContentAsync("h1"))!.Trim() == ConsoleSilo.Marked);
        JsonObject explanation = await silo.Api.QueryAsync($"/v1/customers/{Uri.EscapeDataString(ConsoleSilo.Marked)}/explanation");
        Assert.Contains((string)explanation["effective"]!["name"]!, await page.TextContentAsync("#why"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_trains_follows_the_roll_out_and_publishes_an_earlier_model()
    {
        IPage reader = await silo.OpenAsync(SegmentsApi.ReadKey, "models");
        Assert.Equal(0, await reader.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Train now" }).CountAsync());

        IPage page = await silo.OpenAsync(SegmentsApi.AdminKey, "models");
        await LiveAsync(page);
        int version = (int)(await silo.Api.QueryAsync("/v1/model"))["version"]!;
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Train now" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Yes" }).ClickAsync();
        await HoldsAsync("the training ends", page, async () => (await page.TextContentAsync("#outcome"))!.Trim().Length > 0);
        await page.Locator("[data-version] details summary").First.ClickAsync();
        await page.Locator(".gates li").First.WaitForAsync();

        // The gates may have refused a model that changes nothing.
        using var force = new StringContent("""{"force":true}""");
        Assert.Equal(200, (await silo.Api.SendAsync(HttpMethod.Post, "/v1/model/train", SegmentsApi.AdminKey, force)).Status);
        int newer = (int)(await silo.Api.QueryAsync("/v1/model"))["version"]!;
        await page.Locator($"[data-version='{version}']").GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Yes" }).ClickAsync();
        await Condition.HoldsAsync("an earlier model is published again", async () => (int)(await silo.Api.QueryAsync("/v1/model"))["version"]! > newer);
        await Condition.HoldsAsync("the roll-out is complete", async () => (bool)(await silo.Api.QueryAsync("/v1/model/rollout"))["complete"]!);
        await HoldsAsync("the page says so", page, async () => (await page.TextContentAsync("#rollout"))!.Contains("Everybody is placed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_integrator_sees_why_an_event_feeds_no_feature()
    {
        await silo.SendAsync("""{"type":"track","event":"Horoscope Read","userId":"arrives-later","messageId":"h1","properties":{"sign":"leo"}}""");
        await Condition.HoldsAsync("the catalogue has the event", async () => (await silo.Api.GetAsync("/v1/events/catalogue")).Text.Contains("Horoscope Read", StringComparison.Ordinal));
        IPage page = await silo.OpenAsync(ConsoleSilo.TraitsKey, "events");
        await page.Locator("#catalogue tr", new PageLocatorOptions { HasText = "Horoscope Read" }).GetByText("read by no feature").First.WaitForAsync();
        await page.Locator("#ignored tr", new PageLocatorOptions { HasText = "properties.revenue" }).GetByText("not a number").WaitForAsync();
    }

    [Fact]
    public async Task Refused_events_are_tried_again()
    {
        await silo.PostAsync("""{"batch":[{"type":"track","event":"Order Completed","messageId":"nobody"}]}""");
        IPage page = await silo.OpenAsync(SegmentsApi.AdminKey, "events");
        await LiveAsync(page);
        await page.WaitForSelectorAsync("#rejections tbody tr");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Try again" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Yes" }).ClickAsync();
        await HoldsAsync("it is said what became of them", page, async () => (await page.TextContentAsync("#replayed"))!.Contains("tried", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_write_key_sees_its_own_events_arrive_and_nothing_else()
    {
        IPage page = await silo.OpenAsync(SegmentsApi.WriteKey, "events");
        await LiveAsync(page);
        await silo.SendAsync("""{"type":"track","event":"Order Completed","userId":"tailed","messageId":"t1"}""");
        await page.Locator("#tail tr", new PageLocatorOptions { HasText = "tailed" }).GetByText("Order Completed").WaitForAsync();
        Assert.Equal(0, await page.Locator("#catalogue, #rejections").CountAsync());
        await page.GotoAsync("segments");
        Assert.Equal(0, await page.Locator("[data-segment]").CountAsync());
    }

    private static Task LiveAsync(IPage page) => HoldsAsync("the page is live", page, () => page.EvaluateAsync<bool>("() => window.segments?.isLive === true"));

    /// <summary>Not the browser's own waiting, which the policy of the pages forbids because it evaluates text.</summary>
    private static Task HoldsAsync(string what, IPage page, Func<Task<bool>> holds) => Condition.HoldsAsync(what, holds, () => page.Url);

    private static string Shown(JsonNode number) => ((long)number).ToString("N0", CultureInfo.InvariantCulture);
}
