using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;
using Parquet;
using Parquet.Schema;

namespace OrleansSegments.EndToEndTests.Commands;

/// <summary>The command export, from a running silo and from a folder.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private const int Customers = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_and_the_silo_on_it_export_the_same_in_every_format()
    {
        (await SiloCommand.RunAsync(
            "demo", "--customers", $"{Customers}", "--seconds", "1", "--exit", "--json", "--data", _folder["data"], "--urls", "http://127.0.0.1:0")).AssertSucceeded();
        FinishedCommand table = await SiloCommand.RunAsync("export", "customers", "--data", _folder["data"]);
        table.AssertSucceeded();
        Assert.Contains($"{Customers} customers as of", table.Errors, StringComparison.Ordinal);
        string[] rows = Lines(table.Output);
        Assert.Equal(Customers + 1, rows.Length);

        await using (SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]))
        {
            string[] api = ["--url", silo.Address.ToString(), "--key", SegmentsApi.ReadKey];
            JsonNode segment = (await silo.Api.QueryAsync("/v1/segments"))["segments"]!.AsArray().MaxBy(s => (long)s!["size"]!)!;
            FinishedCommand members = await SiloCommand.RunAsync(["export", "segment", (string)segment["id"]!, .. api]);
            members.AssertSucceeded();
            List<string> expected = await silo.Api.MembersAsync((string)segment["id"]!, 100);
            Assert.Equal(["customerId", .. expected], Lines(members.Output));

            FinishedCommand ndjson = await SiloCommand.RunAsync(["export", "customers", "--format", "ndjson", "--to", _folder["all.ndjson"], .. api]);
            ndjson.AssertSucceeded();
            Assert.Empty(ndjson.Output);
            string[] lines = await File.ReadAllLinesAsync(_folder["all.ndjson"], TestContext.Current.CancellationToken);
            Assert.Equal(rows[1..].Select(row => row.Split(',')[0]), lines.Select(line => (string)JsonNode.Parse(line)!["customerId"]!));

            (await SiloCommand.RunAsync(["export", "segment", "s999", .. api])).AssertRefused("404", "s999");
            (await SiloCommand.RunAsync("export", "customers", "--url", silo.Address.ToString(), "--key", "wrong")).AssertRefused("401");
            (await SiloCommand.RunAsync("export", "customers", "--data", _folder["data"])).AssertRefused("in use", "--url");
        }

        (await SiloCommand.RunAsync("export", "customers", "--data", _folder["data"], "--format", "parquet", "--to", _folder["all.parquet"])).AssertSucceeded();
        await AssertParquetAsync(_folder["all.parquet"], rows);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.partial"));
    }

    [Fact]
    public async Task Wrong_use_is_refused_and_leaves_what_was_there()
    {
        string file = _folder.Write("kept.csv", "of yesterday\n");
        (await SiloCommand.RunAsync("export", "customers", "--data", _folder["none"], "--to", file)).AssertRefused("no data folder");
        (await SiloCommand.RunAsync("export", "customers", "--key", "k", "--url", "http://127.0.0.1:1", "--to", file)).AssertRefused("--url");
        (await SiloCommand.RunAsync("export", "customers")).AssertRefused("--key", "--data");
        (await SiloCommand.RunAsync("export", "customers", "--format", "parquet", "--key", "k")).AssertRefused("--to FILE");
        (await SiloCommand.RunAsync("export", "segment", "s0", "--format", "parquet", "--key", "k")).AssertRefused("--format is parquet; it must be csv or ndjson");
        Assert.Equal("of yesterday\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task An_answer_that_ends_early_fails_and_leaves_what_was_there()
    {
        await using WebApplication api = await StartAsync(static _ => Task.CompletedTask);
        string file = _folder.Write("kept.csv", "of yesterday\n");

        FinishedCommand export = await SiloCommand.RunAsync("export", "segment", "s1", "--url", api.Urls.Single(), "--key", "k", "--to", file);

        export.AssertRefused("ended after 2 of 3", "again");
        await AssertKeptAsync(file);
    }

    [Fact]
    public async Task Ctrl_C_ends_an_export_and_leaves_what_was_there()
    {
        await using WebApplication api = await StartAsync(static context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        string file = _folder.Write("kept.csv", "of yesterday\n");

        FinishedCommand export = await SiloCommand.InterruptAsync("0 of 3 customers", "export", "segment", "s1", "--url", api.Urls.Single(), "--key", "k", "--to", file);

        export.AssertInterrupted();
        await AssertKeptAsync(file);
    }

    /// <summary>An API that announces three customers and sends two.</summary>
    private static async Task<WebApplication> StartAsync(Func<HttpContext, Task> beforeTheEnd)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication api = builder.Build();
        api.MapGet("/v1/segments/s1/members", async (HttpContext context) =>
        {
            (string, string)[] headers = [("Export-Lines", "3"), ("Export-As-Of", "now"), ("Export-Sequence", "1"), ("Export-Model-Version", "1")];
            Array.ForEach(headers, header => context.Response.Headers[header.Item1] = header.Item2);
            await context.Response.WriteAsync("customerId\n\"a\nb\"\nc\n");
            await context.Response.Body.FlushAsync();
            await beforeTheEnd(context);
        });
        await api.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    private async Task AssertKeptAsync(string file)
    {
        Assert.Equal("of yesterday\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    private static async Task AssertParquetAsync(string file, string[] rows)
    {
        string[] names = rows[0].Split(',');
        await using FileStream stream = File.OpenRead(file);
        await using ParquetReader reader = await ParquetReader.CreateAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
        DataField[] fields = reader.Schema.GetDataFields();
        Assert.Equal(["customer_id", "segment", "model_version", "as_of", .. names[4..]], fields.Select(field => field.Name));
        using ParquetRowGroupReader group = reader.OpenRowGroupReader(0);
        Assert.Equal(rows.Length - 1, group.RowCount);

        var ids = new string?[group.RowCount];
        await group.ReadAsync(fields[0], ids.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(rows[1..].Select(row => row.Split(',')[0]), ids);
        foreach (int column in Enumerable.Range(4, fields.Length - 4))
        {
            var values = new double?[group.RowCount];
            await group.ReadAsync<double>(fields[column], values.AsMemory(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.All(rows[1..].Zip(values), pair => AssertClose(pair.First.Split(',')[column], pair.Second));
        }
    }

    /// <summary>The two files are some seconds apart, in which what fades has faded a little.</summary>
    private static void AssertClose(string cell, double? value)
    {
        double? expected = cell.Length == 0 ? null : double.Parse(cell, CultureInfo.InvariantCulture);
        Assert.Equal(expected is null, value is null);
        Assert.True(expected is null || Math.Abs(expected.Value - value!.Value) <= 0.01 * Math.Max(1, Math.Abs(expected.Value)), $"{value} is not {expected}.");
    }

    private static string[] Lines(string text) => text.TrimEnd('\n').Split('\n');
}
