using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.Benchmarks.Integration;

/// <summary><c>bench webhooks</c>: from a move to its receiver under load, and many webhooks of which a third fails.</summary>
internal static class WebhooksCommand
{
    private const int LoadPerSecond = 5_000;
    private const double ArrivalBar = 500;
    private const double FailingBar = 1.2;

    /// <summary>Where nobody listens.</summary>
    private const string Refusing = "http://127.0.0.1:1/";

    public static Command Create()
    {
        var webhooks = OptionValues.Number("--webhooks", "Webhooks", 1_000, 3, 1_000);
        var moves = OptionValues.Number("--moves", "Moves a second while there are many webhooks; each goes to all of them", 2, 1, 100);
        var seconds = OptionValues.Number("--seconds", "Length of a window", 10, 1, 3_600);
        var windows = OptionValues.Number("--windows", "Windows of each measurement", 5, 1, 100);
        var command = new Command("webhooks", "From a move to its receiver: one webhook under 5,000 events/s; a thousand, and a third of them failing; four minutes.") { webhooks, moves, seconds, windows };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(webhooks), parsed.GetValue(moves), parsed.GetValue(seconds), parsed.GetValue(windows), ct));
        return command;
    }

    private static async Task<int> RunAsync(int webhooks, int moves, int seconds, int windows, CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        SiloLaunch launch = SiloLaunch.OnFolder(folder.Path) with { Settings = new Dictionary<string, string> { ["Webhooks__AllowPrivateAddresses"] = "true" } };
        await using SiloProcess silo = await SiloProcess.StartAsync(launch);
        var bench = new HookBench(silo, receiver, seconds);

        // The load's own customers are new once, in the warm-up, and a move each.
        await bench.LoadAsync(LoadPerSecond, 2 * seconds, ct);
        await bench.AddAsync(0);
        for (int window = 0; window < windows; window++)
        {
            Task<LoadReport> load = bench.LoadAsync(LoadPerSecond, seconds, ct);
            await bench.MeasureAsync("one webhook under load", movesPerSecond: 20, receivers: 1, bench.Loaded, ct);
            await load;
        }

        for (int number = 1; number < webhooks; number++)
        {
            await bench.AddAsync(number);
        }

        for (int window = 0; window < windows; window++)
        {
            await bench.MeasureAsync($"{webhooks} webhooks", moves, webhooks, bench.Healthy, ct);
        }

        receiver.FailureOf = static number => (number % 9) switch
        {
            0 => HookFailure.Error,
            3 => HookFailure.Hang,
            _ => null,
        };
        for (int number = 6; number < webhooks; number += 9)
        {
            await bench.MoveAwayAsync(number, Refusing);
        }

        int working = Enumerable.Range(0, webhooks).Count(static number => number % 3 != 0);
        for (int window = 0; window < windows; window++)
        {
            await bench.MeasureAsync($"{webhooks} webhooks, {webhooks - working} failing", moves, working, bench.Failing, ct);
        }

        return BenchReport.Write(
            "webhooks",
            $"A silo on RocksDB in a process of its own, receivers in the benchmark's process on the same cores; from the event's 200 to the message at its receiver. A third fails by 500, silence and refused connections. {windows} windows of {seconds} s.",
            [
                .. bench.Loaded.Figures($"one webhook, {LoadPerSecond:N0} events/s meanwhile", ArrivalBar),
                .. bench.Healthy.Figures($"{webhooks} webhooks, {moves} moves/s to each", null),
                .. bench.Failing.Figures($"the working ones of {webhooks} webhooks, a third failing", FailingBar * bench.Healthy.P99s.Order().ElementAt(windows / 2)),
            ],
            $"webhooks --webhooks {webhooks} --moves {moves} --seconds {seconds} --windows {windows}");
    }
}

/// <summary>What is measured again and again.</summary>
internal sealed class HookWindows
{
    public List<double> P50s { get; } = [];

    public List<double> P99s { get; } = [];

    public List<double> Megabytes { get; } = [];

    public IEnumerable<Figure> Figures(string what, double? bar) =>
    [
        new Figure($"move to receiver, p50, {what}", "ms", null, true, P50s),
        new Figure($"move to receiver, p99, {what}", "ms", bar, true, P99s),
        new Figure($"memory of the silo, {what}", "MB", null, true, Megabytes),
    ];
}

/// <summary>Makes webhooks and moves, and measures how long moves take to their receivers.</summary>
internal sealed class HookBench(SiloProcess silo, HookReceiver receiver, int seconds)
{
    private readonly Dictionary<int, int> _ids = [];
    private int _moves;

    public HookWindows Loaded { get; } = new();

    public HookWindows Healthy { get; } = new();

    public HookWindows Failing { get; } = new();

    /// <param name="number">The path of its receiver.</param>
    public async Task AddAsync(int number)
    {
        ApiAnswer answer = await silo.Api.SendAsync(HttpMethod.Post, "/v1/webhooks", SegmentsApi.AdminKey, JsonContent.Create(new { url = $"{receiver.Address}/{number}" }));
        _ids[number] = answer.Status == 201 ? (int)answer.Json["webhook"]!["id"]! : throw new CommandException($"Webhook {number} was not made: {answer}");
    }

    public async Task MoveAwayAsync(int number, string url)
    {
        ApiAnswer answer = await silo.Api.SendAsync(HttpMethod.Patch, $"/v1/webhooks/{_ids[number]}", SegmentsApi.AdminKey, JsonContent.Create(new { url }));
        _ = answer.Status == 200 ? 0 : throw new CommandException($"Webhook {number} was not changed: {answer}");
    }

    public Task<LoadReport> LoadAsync(int eventsPerSecond, int length, CancellationToken ct) => new LoadRun(new LoadOptions
    {
        Uri = silo.Address,
        WriteKey = SegmentsApi.WriteKey,
        EventsPerSecond = eventsPerSecond,
        Seconds = length,
        Customers = 2_000,
        BatchSize = 20,
        Connections = 32,
    }).RunAsync(ct: ct);

    /// <summary>Makes customers, whose first event is a move, and waits until every receiver has heard of each.</summary>
    public async Task MeasureAsync(string what, int movesPerSecond, int receivers, HookWindows to, CancellationToken ct)
    {
        var answered = new Dictionary<string, long>(StringComparer.Ordinal);
        receiver.Take();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / movesPerSecond));
        for (int move = 0; move < movesPerSecond * seconds; move++)
        {
            string customer = $"mover-{_moves++}";
            ApiAnswer answer = await silo.Api.PostEventsAsync("/v1/page", new JsonObject { ["userId"] = customer, ["messageId"] = customer }.ToJsonString());
            answered[customer] = answer.Status == 200 ? Stopwatch.GetTimestamp() : throw new CommandException($"An event was refused: {answer}");
            await timer.WaitForNextTickAsync(ct);
        }

        List<(string Customer, long At)> arrived = [];
        await Condition.HoldsAsync("every receiver has heard of every move", () =>
        {
            arrived.AddRange(receiver.Take().Where(one => answered.ContainsKey(one.Customer)));
            return arrived.Count >= receivers * answered.Count;
        });

        // A message may arrive before the answer to its event.
        double[] latencies = [.. arrived.Select(one => Math.Max(0, Stopwatch.GetElapsedTime(answered[one.Customer], one.At).TotalMilliseconds)).Order()];
        to.P50s.Add(latencies[latencies.Length / 2]);
        to.P99s.Add(latencies[latencies.Length * 99 / 100]);
        to.Megabytes.Add(silo.ResidentBytes / 1e6);
        Console.WriteLine($"  {what}: p50 {to.P50s[^1]:N1} ms, p99 {to.P99s[^1]:N1} ms, {to.Megabytes[^1]:N0} MB");
    }
}
