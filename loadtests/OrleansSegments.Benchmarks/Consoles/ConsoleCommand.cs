using System.CommandLine;
using Microsoft.Playwright;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Consoles;

/// <summary><c>bench console</c>: the console under load: first paint, age of live figures, cost of many open consoles, memory over time.</summary>
internal static class ConsoleCommand
{
    private const int EventsPerSecond = 20_000;
    private const double FirstPaintBar = 2_000;
    private const double AgeBar = 2_000;
    private const double CostBar = 1.1;

    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Customers", 100_000, 1_000, 10_000_000);
        var consoles = OptionValues.Number("--consoles", "Consoles open at once", 50, 1, 1_000);
        var seconds = OptionValues.Number("--seconds", "Length of a window", 10, 1, 3_600);
        var windows = OptionValues.Number("--windows", "Windows of each measurement", 5, 1, 100);
        var minutes = OptionValues.Number("--open-minutes", "How long one console stays open while memory is read", 10, 1, 600);
        var command = new Command("console", "The console under 20,000 events/s: first paint, age of figures, cost of open consoles, memory; fifteen minutes.") { customers, consoles, seconds, windows, minutes };
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(customers), parsed.GetValue(consoles), parsed.GetValue(seconds), parsed.GetValue(windows), parsed.GetValue(minutes), ct));
        return command;
    }

    private static async Task<int> RunAsync(int customers, int consoles, int seconds, int windows, int minutes, CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        Console.WriteLine($"  warm-up: {customers:N0} customers, a model");
        await LoadAsync(silo, customers, Math.Max(30, 3 * customers / EventsPerSecond), ct);
        await silo.Api.TrainAsync(segments: 8);
        await using ConsoleBrowser browser = await ConsoleBrowser.StartAsync(silo.Address.ToString());
        await browser.SignInAsync(SegmentsApi.AdminKey);

        List<double> paints = [], ages = [], alone = [], watched = [];
        await WindowsAsync("no console", alone);
        for (int window = 0; window < windows; window++)
        {
            Task<LoadReport> load = LoadAsync(silo, customers, seconds, ct);
            IPage page = await browser.OpenAsync("");
            paints.Add(await ConsoleBrowser.FirstPaintAsync(page));
            await page.WaitForFunctionAsync("() => window.segments?.isLive === true");
            ages.Add(await LongestPauseAsync(page, seconds / 2));
            Console.WriteLine($"  overview: painted after {paints[^1]:N0} ms, figures changed at least every {ages[^1]:N0} ms");
            await page.Context.CloseAsync();
            await load;
        }

        // Without charts: what they cost is the browser's, and fifty browsers on these cores would measure themselves.
        // One after the other, as people come.
        List<IPage> pages = [];
        while (pages.Count < consoles)
        {
            pages.Add(await browser.OpenAsync("", withCharts: false));
        }

        await WindowsAsync($"{consoles} consoles", watched);
        await Task.WhenAll(pages.Select(page => page.Context.CloseAsync()));
        (List<double> ofSilo, List<double> ofPage) = await MemoryAsync(silo, browser, customers, minutes, ct);

        return BenchReport.Write(
            "console",
            $"A silo on RocksDB in a process of its own, {customers:N0} customers, {EventsPerSecond:N0} events/s by HTTP meanwhile, Chromium on the same cores; {windows} windows of {seconds} s.",
            [
                new Figure("overview first painted, empty cache", "ms", FirstPaintBar, true, paints),
                new Figure("longest time between two figures on the open overview", "ms", AgeBar, true, ages),
                new Figure("processor time of the silo per event, no console", "us", null, true, alone),
                new Figure($"processor time of the silo per event, {consoles} consoles", "us", alone.Order().ElementAt(alone.Count / 2) * CostBar, true, watched),
                new Figure($"memory of the silo, a console open {minutes} minutes, by minute", "MB", null, true, ofSilo),
                new Figure("memory of the page's scripts meanwhile, by minute", "MB", null, true, ofPage),
            ],
            $"console --customers {customers} --consoles {consoles} --seconds {seconds} --windows {windows} --open-minutes {minutes}");

        async Task WindowsAsync(string what, List<double> costs)
        {
            for (int window = 0; window < windows; window++)
            {
                TimeSpan before = silo.ProcessorTime;
                LoadReport report = await LoadAsync(silo, customers, seconds, ct);
                costs.Add((silo.ProcessorTime - before).TotalMicroseconds / report.Events);
                Console.WriteLine($"  {what}: {report.EventsPerSecond:N0} events/s, p99 {report.LatencyMsP99:N1} ms, {costs[^1]:N1} us of the silo each");
            }
        }
    }

    /// <summary>The longest time between two changes of the figures, in milliseconds.</summary>
    private static Task<double> LongestPauseAsync(IPage page, int seconds) => page.EvaluateAsync<double>(
        """
        seconds => new Promise(done => {
          let last = performance.now(), longest = 0;
          const note = () => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; };
          const watch = new MutationObserver(note);
          watch.observe(document.querySelector('.tiles'), { subtree: true, characterData: true, childList: true });
          setTimeout(() => { watch.disconnect(); note(); done(longest); }, seconds * 1000);
        })
        """,
        seconds);

    private static async Task<(List<double> OfSilo, List<double> OfPage)> MemoryAsync(SiloProcess silo, ConsoleBrowser browser, int customers, int minutes, CancellationToken ct)
    {
        IPage page = await browser.OpenAsync("");
        List<double> ofSilo = [], ofPage = [];
        for (int minute = 0; minute < minutes; minute++)
        {
            await LoadAsync(silo, customers, 60, ct);
            ofSilo.Add(silo.ResidentBytes / 1e6);
            ofPage.Add(await page.EvaluateAsync<double>("() => performance.memory.usedJSHeapSize") / 1e6);
            Console.WriteLine($"  after {minute + 1} minutes: silo {ofSilo[^1]:N0} MB, page {ofPage[^1]:N1} MB");
        }

        return (ofSilo, ofPage);
    }

    private static Task<LoadReport> LoadAsync(SiloProcess silo, int customers, int seconds, CancellationToken ct) => new LoadRun(new LoadOptions
    {
        Uri = silo.Address,
        WriteKey = SegmentsApi.WriteKey,
        EventsPerSecond = EventsPerSecond,
        Seconds = seconds,
        Customers = customers,
        BatchSize = 100,
        Connections = 64,
    }).RunAsync(ct: ct);
}

/// <summary><c>bench screenshots</c>: pictures of a running console for the README and the docs.</summary>
internal static class ScreenshotsCommand
{
    public static Command Create()
    {
        var link = new Option<string>("--link") { Description = "The link of the console that demo or up printed, which signs in once.", Required = true, HelpName = "URL" };
        var to = new Option<string>("--to") { Description = "The folder of the pictures.", DefaultValueFactory = _ => "docs/images", HelpName = "DIR" };
        var command = new Command("screenshots", "Take pictures of a running console for the README and the docs.") { link, to };
        command.SetAction((parsed, ct) => RunAsync(new Uri(parsed.GetValue(link)!), parsed.GetValue(to)!));
        return command;
    }

    private static async Task<int> RunAsync(Uri link, string folder)
    {
        Directory.CreateDirectory(folder);
        await using ConsoleBrowser browser = await ConsoleBrowser.StartAsync(link.GetLeftPart(UriPartial.Authority) + "/");
        await browser.SignInByLinkAsync(link.ToString());
        IPage page = await TakeAsync(browser, folder, "", "overview");
        string segment = await AddressAsync(page, ".bars a");
        page = await TakeAsync(browser, folder, segment, "segment");
        await TakeAsync(browser, folder, await AddressAsync(page, ".members a"), "customer");
        await TakeAsync(browser, folder, "map", "map");
        foreach (string path in new[] { "segments", "events", "models", "webhooks", "system" })
        {
            await TakeAsync(browser, folder, path, path);
        }

        await TakeAsync(browser, folder, "", "overview-dark", isDark: true);
        await TakeAsync(browser, folder, "", "overview-phone", width: 360, height: 740);
        return 0;
    }

    private static async Task<string> AddressAsync(IPage page, string selector) => (await page.Locator(selector).First.GetAttributeAsync("href"))!;

    private static async Task<IPage> TakeAsync(ConsoleBrowser browser, string folder, string path, string name, int width = 1_440, int height = 900, bool isDark = false)
    {
        IPage page = await browser.OpenAsync(path, width, height, isDark);
        await page.WaitForFunctionAsync("() => window.segments?.isLive === true");
        await page.WaitForLoadStateAsync(LoadState.Load);

        // The charts are drawn with an animation.
        await page.WaitForTimeoutAsync(1_500);
        string file = Path.Combine(folder, $"{name}.png");
        await page.ScreenshotAsync(new() { Path = file });
        Console.WriteLine(file);
        return page;
    }
}
