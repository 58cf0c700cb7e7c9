using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Integration;

/// <summary><c>bench export</c>: a large segment and the table of all customers as files, while events arrive.</summary>
internal static class ExportCommand
{
    private const double SecondsBar = 10;
    private const double GrowthBar = 100;
    private const int FillEvents = 1_000;
    private const int Fillers = 4;
    private const int BufferBytes = 256 * 1024;

    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Members of the segment", 500_000, 1_000, 10_000_000);
        var rate = OptionValues.Number("--rate", "Events a second meanwhile", 2_000, 1, 100_000);
        var runs = OptionValues.Number("--runs", "Exports of each kind", 5, 1, 100);
        var command = new Command("export", "A segment of 500,000 members, and everybody with features, as files while events arrive; three minutes.") { customers, rate, runs };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(customers), parsed.GetValue(rate), parsed.GetValue(runs), ct));
        return command;
    }

    private static async Task<int> RunAsync(int customers, int rate, int runs, CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        Console.WriteLine($"  warm-up: {customers:N0} customers");
        await FillAsync(silo, customers, ct);
        await ExportAsync(silo, "/v1/segments/s0/members?format=csv", ct);

        List<Export> members = [], everybody = [];
        for (int run = 0; run < runs; run++)
        {
            members.Add(await UnderLoadAsync("members", "/v1/segments/s0/members?format=csv"));
            everybody.Add(await UnderLoadAsync("customers", "/v1/customers?format=csv"));
        }

        return BenchReport.Write(
            "export",
            $"A silo on RocksDB in a process of its own, {customers:N0} customers in one segment, {rate:N0} events/s by HTTP meanwhile, which add members; the reader shares the cores.",
            [
                new Figure("members as CSV", "s", SecondsBar, true, [.. members.Select(export => export.Seconds)]),
                new Figure("lines that differ from the size at the as-of instant", "", 0, true, [.. members.Concat(everybody).Select(export => (double)Math.Abs(export.Lines - export.Size))]),
                new Figure("memory of the silo during the export, above before", "MB", GrowthBar, true, [.. members.Select(export => export.GrowthBytes / 1e6)]),
                new Figure("everybody with features as CSV", "s", null, true, [.. everybody.Select(export => export.Seconds)]),
                new Figure("memory of the silo during that, above before", "MB", null, true, [.. everybody.Select(export => export.GrowthBytes / 1e6)]),
            ],
            $"export --customers {customers} --rate {rate} --runs {runs}");

        async Task<Export> UnderLoadAsync(string what, string path)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            Task load = new LoadRun(new LoadOptions
            {
                Uri = silo.Address,
                WriteKey = SegmentsApi.WriteKey,
                EventsPerSecond = rate,
                Seconds = 600,
                Customers = 50_000,
                BatchSize = 100,
                Connections = 16,
            }).RunAsync(ct: stop.Token);
            Export export = await ExportAsync(silo, path, ct);
            await stop.CancelAsync();
            await load.ContinueWith(static _ => { }, TaskScheduler.Default);
            ct.ThrowIfCancellationRequested();
            Console.WriteLine($"  {what}: {export.Lines:N0} lines of {export.Size:N0} in {export.Seconds:N2} s, {export.GrowthBytes / 1e6:N0} MB more");
            return export;
        }
    }

    private static async Task<Export> ExportAsync(SiloProcess silo, string path, CancellationToken ct)
    {
        long before = silo.ResidentBytes;
        long highest = before;
        long startedAt = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SegmentsApi.ReadKey);
        using HttpResponseMessage answer = await silo.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        await using Stream content = await answer.Content.ReadAsStreamAsync(ct);
        var buffer = new byte[BufferBytes];

        // The first line names the columns; no id here has a line break in it.
        long lines = -1;
        while (await content.ReadAsync(buffer, ct) is > 0 and int read)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            highest = Math.Max(highest, silo.ResidentBytes);
        }

        return new Export(
            Stopwatch.GetElapsedTime(startedAt).TotalSeconds,
            lines,
            long.Parse(answer.Headers.GetValues("Export-Lines").Single(), CultureInfo.InvariantCulture),
            highest - before);
    }

    private static Task FillAsync(SiloProcess silo, int customers, CancellationToken ct) => Parallel.ForAsync(
        0,
        (customers + FillEvents - 1) / FillEvents,
        new ParallelOptions { MaxDegreeOfParallelism = Fillers, CancellationToken = ct },
        async (batch, _) =>
        {
            var body = new StringBuilder("{\"batch\":[");
            for (int number = batch * FillEvents; number < Math.Min(customers, (batch + 1) * FillEvents); number++)
            {
                body.Append(number % FillEvents == 0 ? "" : ",")
                    .Append(CultureInfo.InvariantCulture, $"{{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"member-{number:D8}\",\"messageId\":\"m{number}\",\"properties\":{{\"revenue\":{number % 97}}}}}");
            }

            string json = body.Append("]}").ToString();
            ApiAnswer answer;
            do
            {
                answer = await silo.Api.PostEventsAsync("/v1/batch", json);
            }
            while (answer.IsTurnedAway);
        });

    /// <param name="Size">How many lines the answer announces: the size at its instant.</param>
    private sealed record Export(double Seconds, long Lines, long Size, long GrowthBytes);
}
