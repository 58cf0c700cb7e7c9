using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Consoles;

/// <summary>What holds for every page of the console: accessible, narrow enough for a phone, and without anything that the key may not see.</summary>
public sealed class ConsolePagesTests(ConsoleSilo silo) : IClassFixture<ConsoleSilo>
{
    public static TheoryData<string> Pages() =>
    [
        "", "segments", "segments/s1", "map", "customers", $"customer?id={Uri.EscapeDataString(ConsoleSilo.Marked)}", "events", "models", "webhooks", "system",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_has_no_serious_fault_of_accessibility_in_light_and_dark(string path)
    {
        IPage page = await silo.OpenAsync(SegmentsApi.AdminKey, path);
        await ReadyAsync(page);
        AssertAccessible(await page.RunAxe());
        await page.ClickAsync("header button[aria-label='Dark theme']");
        await page.WaitForSelectorAsync("html[data-theme=dark]");
        AssertAccessible(await page.RunAxe());
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_fits_a_phone(string path)
    {
        IPage page = await silo.OpenAsync(SegmentsApi.AdminKey, path, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 360, Height = 740 } });
        await ReadyAsync(page);
        int[] widths = await page.EvaluateAsync<int[]>("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth, ...[...document.querySelectorAll('main > *')].map(x => Math.ceil(x.getBoundingClientRect().right))]");
        Assert.All(widths, width => Assert.InRange(width, 0, 360));
    }

    /// <summary>The others show it the sign-in.</summary>
    public static TheoryData<string> PagesOfReaders() => [.. Pages().Select(page => page.Data).Where(page => page != "webhooks")];

    [Theory]
    [MemberData(nameof(PagesOfReaders))]
    public async Task A_read_key_sees_no_personal_trait(string path)
    {
        IPage page = await silo.OpenAsync(SegmentsApi.ReadKey, path);
        await ReadyAsync(page);
        Assert.DoesNotContain(ConsoleSilo.Marker, await page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_traits_key_sees_them()
    {
        IPage page = await silo.OpenAsync(ConsoleSilo.TraitsKey, $"customer?id={Uri.EscapeDataString(ConsoleSilo.Marked)}");
        await ReadyAsync(page);
        Assert.Contains($"{ConsoleSilo.Marker}@example.com", await page.TextContentAsync("main"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Markup_in_ids_and_names_is_text(string path)
    {
        IPage page = await silo.OpenAsync(SegmentsApi.AdminKey, path);
        await ReadyAsync(page);
        Assert.Equal(0, await page.Locator("main img, main script").CountAsync());
    }

    [Fact]
    public async Task The_reference_of_the_api_is_served_from_here()
    {
        IPage page = await silo.OpenAsync(null);
        List<string> requests = [];
        page.Request += (_, request) => requests.Add(request.Url);
        await page.GotoAsync("api-reference");
        await page.GetByText("Takes a batch of events").First.WaitForAsync();
        Assert.NotEmpty(requests);
        Assert.All(requests.Where(url => url.StartsWith("http", StringComparison.Ordinal)), url => Assert.StartsWith(silo.Api.Address.ToString(), url, StringComparison.Ordinal));
    }

    /// <summary>Waits until the page is rendered and its events are handled.</summary>
    private static async Task ReadyAsync(IPage page)
    {
        await page.WaitForSelectorAsync("h1");
        await Condition.HoldsAsync("the page is live", () => page.EvaluateAsync<bool>("() => window.segments?.isLive === true"));
    }

    private static void AssertAccessible(AxeResult result)
    {
        Assert.NotEmpty(result.Passes);
        Assert.Empty(result.Violations.Where(fault => fault.Impact is "serious" or "critical").SelectMany(fault => fault.Nodes.Select(node => $"{fault.Id}: {node.Html}")));
    }
}
