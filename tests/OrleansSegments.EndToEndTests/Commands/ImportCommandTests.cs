using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
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
