using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Bus;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.TestKit.RabbitMq;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.Benchmarks.Integration;

/// <summary><c>bench reach</c>: how long after an event's 200 its customer's move is at a webhook's receiver, a reader of the stream and a subscriber of the bus.</summary>
internal static class ReachCommand
{
    private const int LoadPerSecond = 5_000;
    private const int MovesPerSecond = 20;
    private const double P99Bar = 500;

    public static Command Create()
    {
        var seconds = OptionValues.Number("--seconds", "Length of a window", 10, 1, 3_600);
        var windows = OptionValues.Number("--windows", "Windows of the measurement", 5, 1, 100);
        var command = new Command("reach", "From a move to a webhook, a stream and a bus under 5,000 events/s; two minutes.") { seconds, windows };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(seconds), parsed.GetValue(windows), ct));
        return command;
    }

    private static async Task<int> RunAsync(int seconds, int windows, CancellationToken ct)
    {
        if (RabbitMqServer.Unavailable is { } problem)
        {
            Console.Error.WriteLine($"error: {problem}");
            return 1;
        }

        using var folder = new TemporaryFolder();
        await using RabbitMqServer broker = await RabbitMqServer.StartAsync();
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using SiloProcess silo = await SiloProcess.StartAsync(SiloLaunch.OnFolder(folder.Path) with
        {
            Settings = new Dictionary<string, string>
            {
                ["Bus__Transport"] = "rabbitmq",
                ["Bus__Address"] = broker.Address.ToString(),
                ["Webhooks__AllowPrivateAddresses"] = "true",
            },
        });
        ApiAnswer made = await silo.Api.SendAsync(HttpMethod.Post, "/v1/webhooks", SegmentsApi.AdminKey, JsonContent.Create(new { url = $"{receiver.Address}/0" }));
        Debug.Assert(made.Status == 201, made.ToString());
        await using BrokerClient client = await BrokerClient.ConnectAsync(broker.Address);
        var byBus = new ConcurrentDictionary<string, long>();
        var byStream = new ConcurrentDictionary<string, long>();
        await client.ListenAsync("OrleansSegments.Bus:CustomerSegmentChanged", "reach", text => byBus.TryAdd((string)JsonNode.Parse(text)!["message"]!["customerId"]!, Stopwatch.GetTimestamp()));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task streaming = StreamAsync(silo, byStream, end.Token);
        await LoadAsync(silo, 2 * seconds, ct);

        string[] names = ["webhook", "stream", "bus"];
        List<double>[] p50s = [[], [], []], p99s = [[], [], []];
        for (int window = 0; window < windows; window++)
        {
            Task<LoadReport> load = LoadAsync(silo, seconds, ct);
            Dictionary<string, long> answered = await MoveAsync(silo, window, seconds, ct);
            var byHook = new Dictionary<string, long>();
            await Condition.HoldsAsync("every move has arrived everywhere", () =>
            {
                foreach ((string customer, long at) in receiver.Take())
                {
                    byHook.TryAdd(customer, at);
                }

                return Task.FromResult(answered.Keys.All(x => byHook.ContainsKey(x) && byStream.ContainsKey(x) && byBus.ContainsKey(x)));
            });
            await load;
            IReadOnlyDictionary<string, long>[] arrivals = [byHook, byStream, byBus];
            for (int way = 0; way < names.Length; way++)
            {
                double[] sorted = [.. answered.Select(x => Math.Max(0, Stopwatch.GetElapsedTime(x.Value, arrivals[way][x.Key]).TotalMilliseconds)).Order()];
                p50s[way].Add(sorted[sorted.Length / 2]);
                p99s[way].Add(sorted[(int)(0.99 * (sorted.Length - 1))]);
                Console.WriteLine($"  {names[way]}: p50 {p50s[way][^1]:N1} ms, p99 {p99s[way][^1]:N1} ms");
            }
        }

        await end.CancelAsync();
        await streaming;
        return BenchReport.Write(
            "reach",
            $"A silo on RocksDB and a RabbitMQ broker in processes of their own, {LoadPerSecond:N0} events/s by HTTP and {MovesPerSecond} moves/s meanwhile, all on the same cores with sender and receivers; from the move's 200 to its arrival; {windows} windows of {seconds} s.",
            [.. names.SelectMany((name, way) => new[] { new Figure($"move to {name}, p50", "ms", null, true, p50s[way]), new Figure($"move to {name}, p99", "ms", P99Bar, true, p99s[way]) })],
            $"reach --seconds {seconds} --windows {windows}");
    }

    /// <summary>The first event of a customer moves it into a segment. Returns when each was answered.</summary>
    private static async Task<Dictionary<string, long>> MoveAsync(SiloProcess silo, int window, int seconds, CancellationToken ct)
    {
        var answered = new Dictionary<string, long>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / MovesPerSecond));
        for (int move = 0; move < seconds * MovesPerSecond; move++)
        {
            string customer = $"probe-{window}-{move}";
            ApiAnswer answer = await silo.Api.PostEventsAsync("/v1/batch", $$"""{"batch":[{"type":"track","event":"Order Completed","userId":"{{customer}}","messageId":"{{customer}}","properties":{"revenue":12.5} }]}""");
            if (answer.Status == 200)
            {
                answered[customer] = Stopwatch.GetTimestamp();
            }

            await timer.WaitForNextTickAsync(ct);
        }

        return answered;
    }

    private static async Task StreamAsync(SiloProcess silo, ConcurrentDictionary<string, long> arrived, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes/stream");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SegmentsApi.ReadKey);
            using HttpResponseMessage response = await silo.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
            while (await reader.ReadLineAsync(ct) is { } line)
            {
                if (line.StartsWith("data: {", StringComparison.Ordinal) && (string?)JsonNode.Parse(line[6..])!["customerId"] is { } customer)
                {
                    arrived.TryAdd(customer, Stopwatch.GetTimestamp());
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The end of the measurement.
        }
    }

    private static Task<LoadReport> LoadAsync(SiloProcess silo, int seconds, CancellationToken ct) => new LoadRun(new LoadOptions
    {
        Uri = silo.Address,
        WriteKey = SegmentsApi.WriteKey,
        EventsPerSecond = LoadPerSecond,
        Seconds = seconds,
        Customers = 2_000,
        BatchSize = 100,
        Connections = 16,
    }).RunAsync(ct: ct);
}
