using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.Client;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Network;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Clients;

/// <summary>The .NET client sends to a real silo through a network that fails, and the silo is killed and restarted meanwhile.</summary>
public sealed class SendingTests : IDisposable
{
    private const int Customers = 20;
    private const int Events = 6_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_event_counts_once_over_lost_answers_cut_connections_a_kill_and_a_restart()
    {
        SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        string address = silo.Address.ToString().TrimEnd('/');
        await using FaultyProxy proxy = FaultyProxy.Start(silo.Address.Port);
        await using var client = NewClient(proxy.Port);
        var acknowledged = new Progress(silo.Api);
        Task sending = SendAsync(client.Events);

        await acknowledged.ReachesAsync(Events / 10);
        proxy.SwallowAnswers();

        // The silo counts on, and the client hears nothing of it.
        await acknowledged.GrowsAsync();
        proxy.Mend();
        await acknowledged.GrowsAsync();
        proxy.Cut();
        proxy.Mend();
        await acknowledged.GrowsAsync();
        await silo.KillAsync();
        await silo.DisposeAsync();
        silo = await SiloProcess.StartAsync(SiloLaunch.OnFolder(_folder["data"]), address);
        acknowledged.Of(silo.Api);
        await acknowledged.GrowsAsync();
        await silo.StopAsync();
        await silo.DisposeAsync();
        await using SiloProcess last = await SiloProcess.StartAsync(SiloLaunch.OnFolder(_folder["data"]), address);

        await Condition.EndsAsync("everything is queued", Done(sending));
        SendReport report = await Condition.EndsAsync("everything is answered", client.Events.FlushAsync(TestContext.Current.CancellationToken));

        Assert.Empty(report.Unsent);
        Assert.Equal(Events, report.Accepted + report.Duplicates);
        Assert.True(report.Duplicates > 0, "No batch was sent twice, so the faults hit none.");
        foreach (int customer in Enumerable.Range(0, Customers))
        {
            Assert.Equal(Events / Customers, await last.Api.EventCountAsync($"customer {customer}"));
        }

        Assert.Equal(Customers, (long)(await last.Api.QueryAsync("/v1/segments"))["population"]!);
    }

    [Fact]
    public async Task A_refusal_for_too_many_requests_is_waited_for_and_loses_nothing()
    {
        SiloLaunch launch = SiloLaunch.OnFolder(_folder["data"]) with { Settings = new Dictionary<string, string> { ["ClientApi__KeyRequestsPerSecondMax"] = "3" } };
        await using SiloProcess silo = await SiloProcess.StartAsync(launch);
        var handler = new CountingHandler();
        await using var client = new SegmentsClient(Options(silo.Address.Port, batchEvents: 1), handler);
        for (int number = 0; number < 12; number++)
        {
            await client.Events.SendAsync(Order(number), TestContext.Current.CancellationToken);
        }

        SendReport report = await Condition.EndsAsync("everything is answered", client.Events.FlushAsync(TestContext.Current.CancellationToken));

        Assert.True(handler.Refused > 0, "Nothing was refused.");
        Assert.Equal((12, 0, 0), (report.Accepted, report.Duplicates, report.Unsent.Count));
        Assert.Equal(12, await CountAsync(silo.Api));
    }

    [Fact]
    public async Task What_is_not_taken_is_told_with_the_reason()
    {
        await using SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        var told = new List<UnsentEvent>();
        await using (var client = NewClient(silo.Address.Port, told.AddRange))
        {
            await client.Events.SendAsync(Order(1), TestContext.Current.CancellationToken);
            await client.Events.SendAsync(new SegmentsEvent { Type = "track", Event = "Nobody's" }, TestContext.Current.CancellationToken);
            SendReport report = await client.Events.FlushAsync(TestContext.Current.CancellationToken);
            UnsentEvent rejected = Assert.Single(report.Unsent);
            Assert.Equal(1, report.Accepted);
            Assert.Contains("Nobody", Encoding.UTF8.GetString(rejected.Json.Span), StringComparison.Ordinal);
            Assert.Equal(told, report.Unsent);
        }

        await using var stranger = new SegmentsClient(new SegmentsClientOptions { Address = silo.Address, WriteKey = "nobody's key" });
        await stranger.Events.SendAsync(Order(2), TestContext.Current.CancellationToken);
        UnsentEvent refused = Assert.Single((await stranger.Events.FlushAsync(TestContext.Current.CancellationToken)).Unsent);
        Assert.Equal("invalid_key", refused.Code);

        var early = NewClient(silo.Address.Port, told.AddRange, closeTimeout: TimeSpan.FromSeconds(1));
        await silo.StopAsync();
        await early.Events.SendAsync(Order(3), TestContext.Current.CancellationToken);
        UnsentEvent left = Assert.Single((await early.Events.CloseAsync()).Unsent);
        Assert.Equal("not_sent", left.Code);
        Assert.False(early.Events.TrySend(Order(4)));
        await early.DisposeAsync();
    }

    private static SegmentsClientOptions Options(int port, Action<IReadOnlyList<UnsentEvent>>? onUnsent = null, int batchEvents = 50, TimeSpan? closeTimeout = null) => new()
    {
        Address = new Uri($"http://127.0.0.1:{port}"),
        WriteKey = SegmentsApi.WriteKey,
        ReadKey = SegmentsApi.ReadKey,
        BatchEventsMax = batchEvents,
        QueueEventsMax = 200,
        FlushInterval = TimeSpan.FromMilliseconds(50),
        CloseTimeout = closeTimeout ?? TimeSpan.FromSeconds(30),
        OnUnsent = onUnsent,
    };

    private static SegmentsClient NewClient(int port, Action<IReadOnlyList<UnsentEvent>>? onUnsent = null, TimeSpan? closeTimeout = null) =>
        new(Options(port, onUnsent, closeTimeout: closeTimeout));

    private static async Task SendAsync(EventSender events)
    {
        for (int number = 0; number < Events; number++)
        {
            await events.SendAsync(Order(number), TestContext.Current.CancellationToken);
        }
    }

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private static SegmentsEvent Order(int number) =>
        SegmentsEvent.Track($"customer {number % Customers}", "Order Completed", new JsonObject { ["revenue"] = 10, ["order_id"] = $"o{number}" });

    private static async Task<long> CountAsync(SegmentsApi api)
    {
        long all = 0;
        foreach (int customer in Enumerable.Range(0, Customers))
        {
            all += await api.EventCountAsync($"customer {customer}");
        }

        return all;
    }

    /// <summary>How many events have taken effect, by asking past the proxy.</summary>
    private sealed class Progress(SegmentsApi first)
    {
        private SegmentsApi _api = first;
        private long _seen;

        public void Of(SegmentsApi api) => _api = api;

        public Task GrowsAsync() => ReachesAsync(_seen + 1);

        public Task ReachesAsync(long count) => Condition.HoldsAsync(
            $"{count} events have taken effect", async () => (_seen = await CountAsync(_api)) >= count, () => $"{_seen} have.");
    }

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _refused;

        public int Refused => Volatile.Read(ref _refused);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode == 429)
            {
                Interlocked.Increment(ref _refused);
            }

            return response;
        }
    }
}
