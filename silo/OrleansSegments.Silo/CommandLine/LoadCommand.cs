using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.Summaries;

namespace OrleansSegments.Silo.CommandLine;

/// <summary><c>load</c>: the load generator against a running API.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var url = new Option<Uri>("--url")
        {
            Description = "The API.",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:8080"),
            CustomParser = ParseUrl,
        };
        var key = new Option<string>("--write-key") { Description = "A write key of the API.", Required = true };
        var readKey = new Option<string?>("--read-key") { Description = "A read key, for the segments in the summary. Default: the write key." };
        var rate = new Option<int>("--rate") { Description = "Events a second.", DefaultValueFactory = _ => 1_000 };
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = _ => 10 };
        var customers = new Option<int>("--customers") { Description = "Different customers.", DefaultValueFactory = _ => 10_000 };
        var batch = new Option<int>("--batch") { Description = "Events in a request.", DefaultValueFactory = _ => 100 };
        var connections = new Option<int>("--connections") { Description = "Requests under way at most.", DefaultValueFactory = _ => 32 };
        var seed = new Option<ulong?>("--seed") { Description = "Repeats an earlier run's events." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("load", "Send events to a running API on a fixed schedule; latency counts from the intended moment.")
        {
            url, key, readKey, rate, seconds, customers, batch, connections, seed, json,
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
                BatchSize = parsed.GetValue(batch),
                Connections = parsed.GetValue(connections),
                Seed = parsed.GetValue(seed),
            };
            return await RunAsync(options, parsed.GetValue(readKey), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static Uri? ParseUrl(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        result.AddError($"--url {text}: this is no address of an API; name one such as http://127.0.0.1:8080.");
        return null;
    }

    private static async Task<int> RunAsync(LoadOptions options, string? readKey, bool asJson, CancellationToken cancellationToken)
    {
        try
        {
            options.Validate();
        }
        catch (ArgumentOutOfRangeException problem)
        {
            throw new CommandException(problem.Message);
        }

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
