using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Tools.Load;

/// <summary><c>load</c>: the load generator against a running API.</summary>
internal static class LoadCommand
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        Option<Uri?> url = CommonOptions.ApiUrl("The API.", new Uri("http://127.0.0.1:8080"));
        Option<string?> key = OptionValues.Text("--write-key", "A write key of the API.", "KEY");
        key.Required = true;
        Option<string?> readKey = OptionValues.Text("--read-key", "A read key, for the segments in the summary. Default: the write key.", "KEY");
        Option<int> rate = OptionValues.Number("--rate", "Events a second", 1_000, 1, 10_000_000);
        Option<double> seconds = OptionValues.Number("--seconds", "How long", 10.0, 0.001, 86_400);
        Option<int> customers = OptionValues.Number("--customers", "Different customers", 10_000, 1, 100_000_000);
        Option<bool> zipf = new("--zipf") { Description = "Draw the customers by Zipf's law: a few have most events." };
        Option<int> batch = OptionValues.Number("--batch", "Events in a request", 100, 1, 2_500);
        Option<int> connections = OptionValues.Number("--connections", "Requests under way at most", 32, 1, 4_096);
        Option<ulong?> seed = OptionValues.NumberOrNone<ulong>("--seed", "Repeats an earlier run's events.", 0, ulong.MaxValue);
        Option<bool> json = CommonOptions.Json();
        var command = new Command("load", "Send events to a running API on a fixed schedule; latency counts from the intended moment.")
        {
            url, key, readKey, rate, seconds, customers, zipf, batch, connections, seed, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new LoadOptions
            {
                Uri = parsed.GetValue(url)!,
                WriteKey = parsed.GetValue(key)!,
                EventsPerSecond = parsed.GetValue(rate),
                Seconds = parsed.GetValue(seconds),
                Customers = parsed.GetValue(customers),
                IsZipf = parsed.GetValue(zipf),
                BatchSize = parsed.GetValue(batch),
                Connections = parsed.GetValue(connections),
                Seed = parsed.GetValue(seed),
            };
            return await RunAsync(options, parsed.GetValue(readKey), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    /// <summary>The load repeats what is not answered, as clients do; that nobody listens at all is said at once instead.</summary>
    internal static async Task RequireAnswerAsync(Uri api, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = AnswerMax };
        try
        {
            using HttpResponseMessage _ = await client.GetAsync(new Uri(api, "/health/live"), cancellationToken);
        }
        catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            string reason = problem is HttpRequestException ? problem.Message : $"no answer within {AnswerMax.TotalSeconds:N0} s";
            throw new CommandException($"no API answers at {api}: {reason.TrimEnd('.')}. Start one (./segments up), or name its address with --url.");
        }
    }

    private static async Task<int> RunAsync(LoadOptions options, string? readKey, bool asJson, CancellationToken cancellationToken)
    {
        await RequireAnswerAsync(options.Uri, cancellationToken);
        var line = new ProgressLine(Console.Error);
        var progress = new Progress<LoadProgress>(p =>
        {
            if (line.IsDue)
            {
                line.Write($"{p.Elapsed.TotalSeconds:N0} s, {p.EventsSent:N0} sent, {p.EventsAccepted:N0} accepted, p99 {p.LatencyP99.TotalMilliseconds:N1} ms");
            }
        });
        LoadReport report = await new LoadRun(options).RunAsync(progress, cancellationToken);
        line.End($"{report.Events:N0} events accepted at {report.EventsPerSecond:N0}/s, p50 {report.LatencyMsP50:N1} ms, p99 {report.LatencyMsP99:N1} ms");
        if (asJson)
        {
            Console.WriteLine(await LoadSummary.MakeAsync(report, options.Uri, readKey ?? options.WriteKey, cancellationToken));
        }

        return report.Events == 0 || report.EventsGivenUp > 0 ? CommandRunner.Failed : 0;
    }
}

/// <summary>The summary of a load run: the generator's report, and the segments as the API answers them afterwards.</summary>
internal static class LoadSummary
{
    /// <summary>Asks the API for its segments with a read key; without the right to, the summary says nothing of them.</summary>
    public static async Task<JsonObject> MakeAsync(LoadReport report, Uri api, string readKey, CancellationToken cancellationToken)
    {
        JsonObject summary = JsonNode.Parse(report.ToJson())!.AsObject();
        if (await CensusAsync(api, readKey, "--read-key", cancellationToken) is not { } census)
        {
            return summary;
        }

        JsonObject[] segments = [.. census["segments"]!.AsArray().Select(s => Brief(s!))];
        summary["customers"] = census["population"]!.GetValue<long>();
        summary["modelVersion"] = census["modelVersion"]!.GetValue<int>();
        summary["sumOfSizes"] = segments.Sum(s => s["size"]!.GetValue<long>());
        summary["segments"] = new JsonArray(segments);
        return summary;
    }

    /// <summary>The segments as the API answers them; null, after saying so, when the key may not read.</summary>
    internal static async Task<JsonObject?> CensusAsync(Uri api, string key, string option, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = api };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(key + ":")));
        using HttpResponseMessage answer = await client.GetAsync(new Uri("/v1/segments", UriKind.Relative), cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        }

        await Console.Error.WriteLineAsync($"GET /v1/segments answered {(int)answer.StatusCode}; name a key that may read with {option} to have the segments in the summary.");
        return null;
    }

    private static JsonObject Brief(JsonNode segment) => new()
    {
        ["id"] = segment["id"]!.GetValue<string>(),
        ["name"] = segment["name"]!.GetValue<string>(),
        ["size"] = segment["size"]!.GetValue<long>(),
    };
}
