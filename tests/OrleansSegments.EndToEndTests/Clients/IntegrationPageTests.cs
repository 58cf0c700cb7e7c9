using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansSegments.Client;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;
using Change = OrleansSegments.Client.Change;

namespace OrleansSegments.EndToEndTests.Clients;

/// <summary>The examples of <c>docs/integration.md</c>, as they stand there.</summary>
public sealed partial class IntegrationPageTests
{
    private const string Page = "docs/integration.md";
    private const string ThisFile = "tests/OrleansSegments.EndToEndTests/Clients/IntegrationPageTests.cs";

    [Fact]
    public async Task The_commands_of_the_page_do_what_it_says()
    {
        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder["data"]);
        var settings = new Dictionary<string, string>
        {
            ["URL"] = silo.Address.ToString().TrimEnd('/'),
            ["WRITE_KEY"] = SegmentsApi.WriteKey,
            ["READ_KEY"] = SegmentsApi.ReadKey,
        };
        string tools = $"dotnet {SiloProgram.Find("OrleansSegments.Tools", "loadtests")}";
        var outputs = new List<string>();
        foreach (string block in Blocks("bash"))
        {
            FinishedCommand run = await SiloCommand.RunProgramAsync(
                "bash", ["-euc", $"cd '{folder.Path}'\n{block.Replace("./segments", tools, StringComparison.Ordinal)}"], settings);
            Assert.True(run.ExitCode == 0, run.ToString());
            outputs.Add(run.Output);
        }

        Assert.Equal(6, outputs.Count);
        Assert.Equal((2, 0), ((int)JsonNode.Parse(outputs[0])!["accepted"]!, JsonNode.Parse(outputs[0])!["rejected"]!.AsArray().Count));
        Assert.Equal(3, outputs[1].Split("\"ada\"").Length);
        Assert.Equal(Shape(Blocks("")[1]), Shape(outputs[2]));
        Assert.Equal("ada", (string?)JsonNode.Parse(outputs[3])!["changes"]![0]!["customerId"]);
        Assert.Contains("Export-Lines: 1\r\n", outputs[4], StringComparison.Ordinal);
        Assert.Contains("customerId\nada\n{\"customerId\":\"ada\",\"segment\":\"s0\"", outputs[4], StringComparison.Ordinal);
        Assert.Equal("1", outputs[5].Trim());
        Assert.Equal("customerId\nada\n", await File.ReadAllTextAsync(folder["members.csv"], TestContext.Current.CancellationToken));
        Assert.True(new FileInfo(folder["customers.parquet"]).Length > 0);
    }

    [Fact]
    public async Task The_program_of_the_page_does_what_it_says()
    {
        string source = await File.ReadAllTextAsync(Path.Combine(SiloProgram.RepositoryRoot, ThisFile), TestContext.Current.CancellationToken);
        string indented = string.Join('\n', Blocks("csharp").Single().TrimEnd().Split('\n').Select(line => line.Length == 0 ? line : $"        {line}"));
        Assert.True(source.Contains(indented, StringComparison.Ordinal), $"The program of {Page} is not the one in {ThisFile}; make them the same.");

        using var folder = new TemporaryFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder["data"]);
        await RunExampleAsync(silo.Address.ToString(), SegmentsApi.WriteKey, SegmentsApi.ReadKey);
        Assert.Equal(1, await silo.Api.EventCountAsync("bo"));
    }

    private static async Task RunExampleAsync(string url, string writeKey, string readKey)
    {
        await using var client = new SegmentsClient(new SegmentsClientOptions { Address = new Uri(url), WriteKey = writeKey, ReadKey = readKey });

        await client.Events.SendAsync(SegmentsEvent.Track("bo", "Order Completed", new JsonObject { ["order_id"] = "2", ["revenue"] = 120 }));
        SendReport report = await client.Events.FlushAsync();
        Console.WriteLine($"{report.Accepted} durable, {report.NotTaken} not taken");

        Customer? bo = await client.GetCustomerAsync("bo");
        Console.WriteLine($"bo is in {bo?.Segment.Name}");

        await foreach (Change change in client.FollowChangesAsync(after: 0))
        {
            Console.WriteLine($"{change.CustomerId}: {change.From} -> {change.To}, because of {change.Cause}");
            break;
        }
    }

    /// <summary>The fenced blocks of a language in their order.</summary>
    private static string[] Blocks(string language)
    {
        string page = File.ReadAllText(Path.Combine(SiloProgram.RepositoryRoot, Page)).ReplaceLineEndings("\n");
        return [.. Fence().Matches(page).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value)];
    }

    /// <summary>A text without what differs from run to run.</summary>
    private static string Shape(string text) => Changing().Replace(text.Trim(), "#");

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[^""]*")]
    private static partial Regex Changing();
}
