using System.Text.Json;
using Microsoft.Playwright;
using OrleansSegments.Silo;

namespace OrleansSegments.Benchmarks.Consoles;

/// <summary>A Chromium without window that opens the console of a running silo.</summary>
internal sealed class ConsoleBrowser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly string _address;
    private string? _signedIn;

    private ConsoleBrowser(IPlaywright playwright, IBrowser browser, string address)
    {
        (_playwright, _browser, _address) = (playwright, browser, address);
    }

    /// <param name="address">The root of the console, with a slash at its end.</param>
    public static async Task<ConsoleBrowser> StartAsync(string address)
    {
        if (!File.Exists(Chromium))
        {
            throw new CommandException("Chromium is not installed. apt-get install chromium (Debian, Ubuntu).");
        }

        IPlaywright playwright = await Playwright.CreateAsync();
        return new ConsoleBrowser(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] }), address);
    }

    /// <summary>Signs in with a key; pages that are opened later are signed in.</summary>
    public async Task SignInAsync(string key)
    {
        IPage page = await OpenAsync("sign-in");
        await page.FillAsync("#key", key);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync("nav");
        await KeepAsync(page);
    }

    /// <summary>Signs in by the link that the silo printed.</summary>
    public async Task SignInByLinkAsync(string link) => await KeepAsync(await OpenAsync(link));

    /// <summary>Opens a page with an empty cache.</summary>
    public async Task<IPage> OpenAsync(string path, int width = 1_440, int height = 900, bool isDark = false, bool withCharts = true)
    {
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            BaseURL = _address,

            // The pages' policy forbids what the driver's waiting does, which is to evaluate text.
            BypassCSP = true,
            StorageState = _signedIn,
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
        });
        if (!withCharts)
        {
            await context.RouteAsync("**/echarts.min.js*", route => route.AbortAsync());
        }

        IPage page = await context.NewPageAsync();
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>The time from the request to the first picture with content, in milliseconds.</summary>
    public static async Task<double> FirstPaintAsync(IPage page)
    {
        await page.WaitForFunctionAsync("() => performance.getEntriesByName('first-contentful-paint').length > 0");
        return await page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0].startTime");
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task KeepAsync(IPage page)
    {
        _signedIn = await page.Context.StorageStateAsync();
        await page.Context.CloseAsync();
        if (!JsonDocument.Parse(_signedIn).RootElement.GetProperty("cookies").EnumerateArray().Any(cookie => cookie.GetProperty("name").GetString() == "segments-console"))
        {
            throw new CommandException("The console did not let us in: the link was used before, or the key is wrong. Start the silo again for a new link.");
        }
    }
}
