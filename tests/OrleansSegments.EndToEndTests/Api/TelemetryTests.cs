using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Api;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_collector_that_the_standard_variable_names_gets_metrics_and_a_trace_of_each_request()
    {
        var received = new ConcurrentDictionary<string, string>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(SiloLaunch.AnyPort);
        await using WebApplication collector = builder.Build();
        collector.MapPost("/v1/{signal}", async (HttpRequest request, string signal) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            string body = await reader.ReadToEndAsync();
            received.AddOrUpdate(signal, body, (_, before) => before + body);
        });
        await collector.StartAsync();
        using var folder = new TemporaryFolder();
        SiloLaunch launch = SiloLaunch.OnFolder(folder.Path) with
        {
            Settings = new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            },
        };
        await using SiloProcess silo = await SiloProcess.StartAsync(launch);
        await silo.Api.QueryAsync("/v1/segments");

        bool Has(string signal, string text) => received.GetValueOrDefault(signal, "").Contains(text, StringComparison.Ordinal);
        await Condition.HoldsAsync(
            "metrics and the trace have come",
            () => Has("metrics", "segments.population") && Has("traces", "/v1/segments"),
            () => $"came: {string.Join(' ', received.Keys)}. {silo.Describe()}");
    }
}
