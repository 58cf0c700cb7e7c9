using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;
using OrleansSegments.Simulator;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>The import: a summary that adds up, or a sentence that explains what is wrong with the file.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulated_events_become_segments_whose_sizes_add_up()
    {
        var simulation = new SimulationOptions { Customers = 150, Days = 20, Seed = 11 };
        (long lines, int customers) = WriteEvents(simulation, _folder["events.ndjson"], "{\"type\":\"track\"}\n");
        FinishedCommand import = await ImportAsync("events-ndjson", _folder["events.ndjson"], "--data", _folder["data"]);

        import.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(import.Output)!;
        Assert.Equal(lines + 1, (long)summary["linesRead"]!);
        Assert.Equal(1, summary["linesSkipped"]!.AsObject().Sum(reason => (long)reason.Value!));
        Assert.Equal(lines, (long)summary["events"]! + (long)summary["duplicates"]!);
        Assert.Equal(customers, (long)summary["customers"]!);
        SummaryChecks.SizesAddUp(summary);
        Assert.True((int)summary["modelVersion"]! > 0, import.ToString());
        SummaryChecks.HasFigures(summary);
        SummaryChecks.IsPlainText(import);
    }

    [Fact]
    public async Task An_import_that_is_made_again_changes_nothing_however_busy_the_customers()
    {
        (long lines, int customers) = WriteEvents(new SimulationOptions { Customers = 60, Days = 60, Seed = 13 }, _folder["events.ndjson"], tail: "");
        Assert.True(lines > 40 * customers, $"{lines} events of {customers} customers are not many");
        (await ImportAsync("events-ndjson", _folder["events.ndjson"], "--data", _folder["data"])).AssertSucceeded();
        FinishedCommand again = await ImportAsync("events-ndjson", _folder["events.ndjson"], "--data", _folder["data"]);

        again.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(again.Output)!;
        Assert.Equal((0, lines), ((long)summary["events"]!, (long)summary["duplicates"]!));
    }

    [Fact]
    public async Task An_imported_folder_can_be_served()
    {
        WriteEvents(new SimulationOptions { Customers = 120, Days = 10, Seed = 12 }, _folder["events.ndjson"], tail: "");
        FinishedCommand import = await ImportAsync("events-ndjson", _folder["events.ndjson"], "--data", _folder["data"]);
        import.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(import.Output)!;

        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        JsonObject census = await silo.Api.QueryAsync("/v1/segments");
        Assert.Equal((long)summary["customers"]!, (long)census["population"]!);
        Assert.Equal((int)summary["modelVersion"]!, (int)census["modelVersion"]!);
    }

    [Fact]
    public async Task A_table_is_imported_by_a_map_and_what_was_left_out_is_told()
    {
        string map = _folder.Write("map.json", """{"event": "=Thing Done", "customer": "who", "time": "day", "amount": "amount"}""");
        string table = _folder.Write("table.csv", "who;day;amount\nada;2024-05-01;5\nbo;2024-05-02;six\nbo;2024-05-03;7\n");
        FinishedCommand import = await ImportAsync("csv", table, "--map", map, "--data", _folder["data"]);

        import.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(import.Output)!;
        Assert.Equal((3, 2, 2), ((int)summary["linesRead"]!, (int)summary["events"]!, (int)summary["customers"]!));
        Assert.Equal(1, (int)summary["linesSkipped"]!["is not a number"]!);
        Assert.Equal(
            """{"reason":"is not a number","line":3,"field":"amount","value":"six"}""", summary["skippedExamples"]!.AsArray().Single()!.ToJsonString());
        Assert.Equal("""{"Thing Done":2}""", summary["eventsUnread"]!.ToJsonString());
        SummaryChecks.SizesAddUp(summary);
    }

    /// <summary>Regression: any share of lost lines ended with success.</summary>
    [Fact]
    public async Task An_import_that_skips_more_than_half_of_its_lines_fails_and_shows_three()
    {
        string file = _folder.Write("events.ndjson", "one\ntwo\nthree\nfour\n{\"type\":\"track\",\"event\":\"E\",\"userId\":\"a\",\"timestamp\":\"2024-05-01\"}\n");
        FinishedCommand import = await ImportAsync("events-ndjson", file, "--data", _folder["data"]);

        import.AssertRefused("4 of 5 lines", "4 invalid json", "line 1: invalid json: one", "line 2: invalid json: two", "line 3: invalid json: three");
        Assert.Equal(1, import.ExitCode);
        Assert.DoesNotContain("four", import.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task A_table_without_a_map_is_refused_with_its_columns_and_a_map_needs_a_table()
    {
        string table = _folder.Write("table.csv", "who;day\nada;2024-05-01\n");
        (await ImportAsync("csv", table, "--data", _folder["data"])).AssertRefused("--map", "who, day");
        (await ImportAsync("cdnow", table, "--map", _folder.Write("map.json", "{}"), "--data", _folder["data"])).AssertRefused("--map is for the format csv");
        (await ImportAsync("csv", table, "--map", _folder["none.json"], "--data", _folder["data"])).AssertRefused("none.json", "no such file");
    }

    [Fact]
    public async Task A_running_silo_takes_a_file_once_however_often_it_is_sent()
    {
        string file = _folder.Write("orders.txt", string.Concat(Enumerable.Range(0, 1_500).Select(i => $"{i % 70:00000} 199701{1 + (i % 28):00} 1 10.00\n")));
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        string[] command = ["cdnow", file, "--url", silo.Address.ToString(), "--key"];
        FinishedCommand import = await ImportAsync([.. command, SegmentsApi.AdminKey]);
        FinishedCommand again = await ImportAsync([.. command, SegmentsApi.WriteKey]);

        import.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(import.Output)!;
        Assert.Equal((1_500, 0, 1_500), ((int)summary["events"]!, (int)summary["duplicates"]!, (int)summary["transactions"]!));
        Assert.Equal(70, (int)summary["sumOfSizes"]!);
        SummaryChecks.HasFigures(summary);
        again.AssertSucceeded();
        JsonNode repeat = JsonNode.Parse(again.Output)!;
        Assert.Equal((0, 1_500, 0), ((int)repeat["events"]!, (int)repeat["duplicates"]!, (int)repeat["modelVersion"]!));
        (await ImportAsync([.. command, "wrong"])).AssertRefused("401", "--key");
    }

    [Fact]
    public async Task A_silo_on_replayed_history_says_which_events_lie_outside_of_it()
    {
        (await ImportAsync("cdnow", _folder.Write("old.txt", "1 19970101 1 10.00\n"), "--data", _folder["data"])).AssertSucceeded();
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        FinishedCommand import = await ImportAsync(
            "cdnow", _folder.Write("new.txt", "2 19960101 1 10.00\n2 20200101 1 10.00\n"), "--url", silo.Address.ToString(), "--key", SegmentsApi.WriteKey);

        import.AssertSucceeded();
        JsonNode summary = JsonNode.Parse(import.Output)!;
        Assert.Equal((1, 1), ((int)summary["events"]!, (int)summary["rejectedEvents"]!["outside_replayed_time"]!));
    }

    [Fact]
    public async Task A_format_that_is_not_known_is_refused_with_those_that_are() =>
        (await ImportAsync("parquet", _folder.Write("some.csv", "a,b\n"), "--data", _folder["data"]))
            .AssertRefused("parquet", "online-retail-ii", "cdnow", "events-ndjson");

    [Fact]
    public async Task A_file_that_is_missing_is_refused() =>
        (await ImportAsync("cdnow", _folder["missing.txt"], "--data", _folder["data"])).AssertRefused("missing.txt", "does not exist");

    [Fact]
    public async Task Broken_gzip_is_refused()
    {
        string path = _folder["broken.csv.gz"];
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            packed.Write(Encoding.ASCII.GetBytes(
                string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{{\"type\":\"identify\",\"userId\":\"u{i}\",\"timestamp\":\"2026-03-02T00:00:00Z\"}}\n"))));
        }

        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        (await ImportAsync("events-ndjson", path, "--data", _folder["data"])).AssertRefused("broken.csv.gz", "gzip");
    }

    [Fact]
    public async Task A_file_with_another_header_is_refused() =>
        (await ImportAsync("online-retail-ii", _folder.Write("other.csv", "Invoice;Stock\n1;2\n"), "--data", _folder["data"]))
            .AssertRefused("other.csv", "InvoiceNo,StockCode");

    [Fact]
    public async Task A_catalogue_with_a_mistake_is_refused_and_the_entry_named() =>
        (await ImportAsync("cdnow", _folder.Write("some.txt", "1 19970101 1 10.00\n"), "--data", _folder["data"], "--features", BadCatalogue.Write(_folder)))
            .AssertRefused(BadCatalogue.Entry, BadCatalogue.Value);

    private static Task<FinishedCommand> ImportAsync(params string[] arguments) => SiloCommand.RunAsync(["import", .. arguments, "--json"]);

    private static (long Lines, int Customers) WriteEvents(SimulationOptions options, string path, string tail)
    {
        var writer = new ArrayBufferWriter<byte>();
        var customers = new HashSet<string>();
        long lines = 0;
        foreach (SimulatedEvent simulated in new Simulation(options).Partition().Events())
        {
            SegmentJson.WriteSegmentLine(simulated, writer);
            customers.Add(simulated.CustomerId);
            lines++;
        }

        writer.Write(Encoding.ASCII.GetBytes(tail));
        File.WriteAllBytes(path, writer.WrittenSpan);
        return (lines, customers.Count);
    }
}
