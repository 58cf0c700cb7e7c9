using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.EndToEndTests.Sdks;

/// <summary>Somebody sends far more than there is memory for while an SDK sends a little; the SDK loses nothing, whether it tries again or not.</summary>
public sealed class OverloadUnderSdksTests
{
    private const int Events = 100;
    private const int IntervalMilliseconds = 20;

    [Theory]
    [MemberData(nameof(SdkTests.Sdks), MemberType = typeof(SdkTests))]
    public async Task Overload_loses_nothing(string sdk)
    {
        SdkPrograms.OrSkip();
        using var folder = new TemporaryFolder();
        SiloLaunch launch = SiloLaunch.OnFolder(folder.Path) with
        {
            Settings = new Dictionary<string, string> { ["ClientApi__RequestBytesMax"] = "524288", ["ClientApi__IngestionBytesMax"] = "2097152" },
        };
        await using SiloProcess silo = await SiloProcess.StartAsync(launch);
        using var stop = new CancellationTokenSource();
        using var handler = new CountingHandler();
        Task<LoadReport> flood = new LoadRun(
            new LoadOptions { Uri = silo.Address, WriteKey = SegmentsApi.WriteKey, EventsPerSecond = 1_000_000, Seconds = 600, Customers = 1_000, BatchSize = 500, Connections = 160 },
            handler).RunAsync(ct: stop.Token);
        await handler.Refused.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        int refusedBefore = handler.RefusedCount;

        JsonObject outcome = await SdkPrograms.RunAsync(
            "steady.mjs", sdk, silo.Address.ToString().TrimEnd('/'), SegmentsApi.WriteKey, "steady", $"{Events}", $"{IntervalMilliseconds}");
        int refusedMeanwhile = handler.RefusedCount - refusedBefore;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flood);

        Assert.True(refusedMeanwhile > 0, "Nobody was turned away meanwhile, so this was no overload.");
        JsonObject profile = await silo.Api.QueryAsync("/v1/customers/steady");
        int calls = sdk == "jitsu-js" ? Events + 1 : Events;
        Assert.True((int)profile["eventCount"]! == calls, $"{calls - (int)profile["eventCount"]!} of {calls} are lost. {outcome.ToJsonString()}");
    }

    /// <summary>Counts what is turned away, and makes the sender a rude one, which soon tries again whatever Retry-After says.</summary>
    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler { MaxConnectionsPerServer = 160 })
    {
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _refusedCount;

        public Task Refused => _refused.Task;

        public int RefusedCount => Volatile.Read(ref _refusedCount);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode == 429)
            {
                Interlocked.Increment(ref _refusedCount);
                _refused.TrySetResult();
                response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromMilliseconds(200));
            }

            return response;
        }
    }
}
