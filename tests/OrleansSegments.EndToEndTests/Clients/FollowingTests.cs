using OrleansSegments.Client;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Network;
using OrleansSegments.TestKit.Waiting;
using Change = OrleansSegments.Client.Change;

namespace OrleansSegments.EndToEndTests.Clients;

/// <summary>The .NET client follows the changes of a real silo over cut connections and a kill.</summary>
public sealed class FollowingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Changes_are_followed_without_a_gap_over_cut_connections_and_a_restart()
    {
        SiloProcess silo = await SiloProcess.StartAsync(_folder["data"]);
        string address = silo.Address.ToString().TrimEnd('/');
        await using FaultyProxy proxy = FaultyProxy.Start(silo.Address.Port);
        await using var client = new SegmentsClient(new SegmentsClientOptions { Address = new Uri($"http://127.0.0.1:{proxy.Port}"), ReadKey = SegmentsApi.ReadKey });
        using var stop = new CancellationTokenSource();
        var (all, some) = (new Follower(client, null, stop.Token), new Follower(client, new ChangeFilter { Segments = ["s0"], Causes = ["event"] }, stop.Token));

        await SendAsync(silo.Api, 0);
        await all.ReachesAsync(100);
        proxy.Cut();
        await SendAsync(silo.Api, 1);
        proxy.Mend();
        await all.ReachesAsync(200);
        await silo.KillAsync();
        await silo.DisposeAsync();
        await using SiloProcess next = await SiloProcess.StartAsync(SiloLaunch.OnFolder(_folder["data"]), address);
        await SendAsync(next.Api, 2);
        await next.Api.TrainAsync(segments: 2);
        await SendAsync(next.Api, 3);

        long last = await LastSequenceAsync(next.Api);
        await Condition.HoldsAsync("the followers have read everything", () => all.Last == last && some.Seen.Count >= 300, () => $"{all.Last} of {last}, {some.Seen.Count}");
        await stop.CancelAsync();
        await Task.WhenAll(all.Following, some.Following);
        CrashTests.Http.Change[] log = await LogAsync(next.Api);
        Assert.Contains(log, change => change.Cause == "model");
        Assert.Equal(log.Select(change => change.Sequence), all.Seen.Select(change => change.Sequence));
        Assert.Equal(
            log.Where(change => change.Cause == "event" && (change.From == "s0" || change.To == "s0")).Select(change => change.Sequence),
            some.Seen.Select(change => change.Sequence));
    }

    private static async Task SendAsync(SegmentsApi api, int round)
    {
        ApiAnswer answer = await api.PostEventsAsync("/v1/batch", $$"""
            {"batch":[{{string.Join(',', Enumerable.Range(0, 100).Select(number => $$"""
            {"type":"track","event":"Order Completed","userId":"c{{round}}-{{number}}","messageId":"m{{round}}-{{number}}","properties":{"revenue":{{(number % 2 * 500) + 1}}} }
            """))}}]}
            """);
        Assert.Equal(200, answer.Status);
    }

    private static async Task<CrashTests.Http.Change[]> LogAsync(SegmentsApi api)
    {
        var log = new List<CrashTests.Http.Change>();
        while (await api.ReadChangesAsync(log.LastOrDefault()?.Sequence ?? 0) is { Count: > 0 } page)
        {
            log.AddRange(page);
        }

        return [.. log];
    }

    private static async Task<long> LastSequenceAsync(SegmentsApi api)
    {
        await Condition.HoldsAsync("the roll-out is complete", async () => (bool)(await api.QueryAsync("/v1/model/rollout"))["complete"]!);
        return (await LogAsync(api))[^1].Sequence;
    }

    private sealed class Follower
    {
        private readonly List<Change> _seen = [];

        public Follower(SegmentsClient client, ChangeFilter? filter, CancellationToken stop) => Following = FollowAsync(client, filter, stop);

        public Task Following { get; }

        public IReadOnlyList<Change> Seen
        {
            get
            {
                lock (_seen)
                {
                    return [.. _seen];
                }
            }
        }

        public long Last => Seen is [.., var last] ? last.Sequence : 0;

        public Task ReachesAsync(int count) => Condition.HoldsAsync($"{count} changes are read", () => Seen.Count >= count, () => $"{Seen.Count} are. {Following.Exception}");

        private async Task FollowAsync(SegmentsClient client, ChangeFilter? filter, CancellationToken stop)
        {
            try
            {
                await foreach (Change change in client.FollowChangesAsync(after: 0, filter, stop))
                {
                    lock (_seen)
                    {
                        _seen.Add(change);
                    }
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The test has seen enough.
            }
        }
    }
}
