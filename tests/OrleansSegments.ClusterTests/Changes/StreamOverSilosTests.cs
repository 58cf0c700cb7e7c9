using System.Net.ServerSentEvents;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Changes;

/// <summary>A reader of the stream of changes goes from silo to silo.</summary>
public sealed class StreamOverSilosTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_reader_resumes_at_any_silo_also_when_the_one_it_was_at_is_gone()
    {
        await using var cluster = await SiloCluster.StartAsync(2, Now);
        await cluster.First.RouteAllAsync(Enumerable.Range(0, 40).Select(number => RandomShopper.Order($"a{number}", $"a{number}", Now)));
        var seen = await ReadAsync(cluster.Silos[1], "0", 25);
        seen.AddRange(await ReadAsync(cluster.First, seen[^1].EventId!, 10));
        await cluster.LeaveAsync(cluster.Silos[1]);
        await cluster.First.RouteAllAsync(Enumerable.Range(0, 40).Select(number => RandomShopper.Order($"b{number}", $"b{number}", Now)));
        seen.AddRange(await ReadAsync(cluster.First, seen[^1].EventId!, 45));

        Assert.Equal((await cluster.First.ReadChangesAsync()).Select(change => $"{change.Sequence}"), seen.Select(change => change.EventId));
    }

    private static async Task<List<SseItem<string>>> ReadAsync(TestSilo silo, string lastEventId, int count)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var client = silo.NewHttpClient();
        client.DefaultRequestHeaders.Add("Last-Event-ID", lastEventId);
        await using var stream = await client.GetStreamAsync(new Uri("/v1/changes/stream", UriKind.Relative), deadline.Token);
        return await SseParser.Create(stream).EnumerateAsync(deadline.Token).Where(item => item.EventType == "transition").Take(count).ToListAsync(deadline.Token);
    }
}
