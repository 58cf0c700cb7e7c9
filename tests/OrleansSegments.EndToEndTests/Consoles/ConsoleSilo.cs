using System.Text;
using Microsoft.Playwright;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Consoles;

/// <summary>A silo with some shoppers and one model, and a browser: what the tests of the console share.</summary>
public sealed class ConsoleSilo : IAsyncLifetime
{
    public const string TraitsKey = "traits-of-the-tests";

    /// <summary>In every personal trait that is sent.</summary>
    public const string Marker = "qzmarkerq";

    /// <summary>A customer with traits, and an id that is markup.</summary>
    public const string Marked = "<img src=x onerror=alert(1)>&\"'/..%2F";

    private const int Segments = 4;
    private const string Chromium = "/usr/bin/chromium";

    private readonly TemporaryFolder _folder = new();
    private SiloProcess? _silo;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal SegmentsApi Api => _silo!.Api;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Chromium))
        {
            return;
        }

        SiloLaunch launch = SiloLaunch.OnFolder(_folder.Path) with { Settings = new Dictionary<string, string> { ["ClientApi__TraitsKeys__0"] = TraitsKey } };
        _silo = await SiloProcess.StartAsync(launch);
        foreach (EventBatch batch in ShopperBatches.Make(seed: 5, customers: 150, days: 8, batchEvents: 100).All)
        {
            Assert.True(await new SenderLedger().SendAsync(Api, batch));
        }

        string id = System.Text.Json.JsonSerializer.Serialize(Marked);
        await SendAsync($$"""{"type":"identify","userId":{{id}},"messageId":"m1","traits":{"email":"{{Marker}}@example.com","city":"{{Marker}}","address":{"street":"{{Marker}}"} } }""");
        await SendAsync($$"""{"type":"track","event":"Order Completed","userId":{{id}},"messageId":"m2","properties":{"revenue":"{{Marker}}","order_id":"1"} }""");
        await SendAsync($$"""{"type":"track","event":"<script>alert(2)</script>","userId":{{id}},"messageId":"m3"}""");
        ApiAnswer training = await Api.TrainAsync(Segments);
        Assert.True(training.Status == 200 && (bool)training.Json["published"]!, training.ToString());
        await Condition.HoldsAsync("the roll-out is complete", async () => (bool)(await Api.QueryAsync("/v1/model/rollout"))["complete"]!);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _folder.Dispose();
    }

    /// <summary>A page of a browser without history, signed in with a key; skips the test when there is no browser.</summary>
    internal async Task<IPage> OpenAsync(string? key, string path = "", BrowserNewContextOptions? options = null)
    {
        IPage page = await VisitAsync(key is null ? path : "sign-in", options);
        if (key is not null)
        {
            await page.FillAsync("#key", key);
            await page.ClickAsync("main button[type=submit]");
            await page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
            if (path.Length > 0)
            {
                await page.GotoAsync(path);
            }
        }

        return page;
    }

    internal Task SendAsync(string json) => PostAsync($$"""{"batch":[{{json}}]}""");

    internal async Task<ApiAnswer> PostAsync(string body, string path = "/v1/batch")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        ApiAnswer answer = await Api.SendAsync(HttpMethod.Post, path, SegmentsApi.WriteKey, content);
        Assert.Equal(200, answer.Status);
        return answer;
    }

    private async Task<IPage> VisitAsync(string path, BrowserNewContextOptions? options)
    {
        Assert.SkipWhen(_browser is null, "Chromium is not installed: apt-get install chromium (Debian, Ubuntu).");
        options ??= new BrowserNewContextOptions();
        options.BaseURL = _silo!.Address.ToString();
        IBrowserContext context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout((float)Condition.Patience.TotalMilliseconds);
        IPage page = await context.NewPageAsync();
        page.Dialog += (_, dialog) => throw new InvalidOperationException($"A script from the data ran: {dialog.Message}");
        await page.GotoAsync(path);
        return page;
    }
}
