using System.Diagnostics;
using System.Globalization;
using OrleansSegments.EndToEndTests.Files;
using OrleansSegments.EndToEndTests.Http;
using OrleansSegments.EndToEndTests.Processes;
using OrleansSegments.EndToEndTests.Waiting;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>A process that is killed under load loses nothing acknowledged, counts nothing twice, and counts everybody once.</summary>
public sealed class KillUnderLoadTests(ITestOutputHelper output)
{
    private const int Customers = 600;
    private const int Days = 40;
    private const int BatchEvents = 25;
    private const int Senders = 6;
    private const int Kills = 3;

    private static readonly TimeSpan LoadWithin = TimeSpan.FromMinutes(2);

    /// <summary>Repeats the kills of an earlier run.</summary>
    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("SEGMENTS_KILL_SEED"), CultureInfo.InvariantCulture, out int given)
        ? given
        : (int)(Stopwatch.GetTimestamp() & 0xffff);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_counted_twice_over_three_kills()
    {
        string repeat = $"SEGMENTS_KILL_SEED={_seed} repeats the kills";
        output.WriteLine(repeat);
        var random = new Random(_seed);
        ShopperBatches batches = ShopperBatches.Make((ulong)_seed, Customers, Days, BatchEvents);
        var ledger = new SenderLedger();
        using var folder = new TemporaryFolder();
        SiloProcess silo = await SiloProcess.StartAsync(folder.Path);
        try
        {
            int share = batches.All.Count / (Kills + 1);
            for (int kill = 0; kill < Kills; kill++)
            {
                EventBatch[] phase = [.. batches.All.Skip(kill * share).Take(share)];
                await LoadAndKillAsync(silo, phase, ledger, (KillMoment)kill, random);
                await silo.DisposeAsync();
                silo = await SiloProcess.StartAsync(folder.Path);
                await CheckBoundsAsync(silo.Api, batches, ledger, $"after kill {kill + 1}; {repeat}");
                await Conservation.CheckAsync(silo.Api);
            }

            await SendAllAsync(silo.Api, batches.All, ledger);
            await CheckEverythingCountsOnceAsync(silo.Api, batches, $"after everything was sent again; {repeat}");
            Assert.Equal(batches.CustomerIds, (await Conservation.CheckAsync(silo.Api)).Order(StringComparer.Ordinal));
            await CheckRepeatChangesNothingAsync(silo.Api, batches);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    /// <summary>Senders post the phase's batches until the process is gone.</summary>
    private async Task LoadAndKillAsync(SiloProcess silo, EventBatch[] phase, SenderLedger ledger, KillMoment moment, Random random)
    {
        int before = ledger.AcknowledgedCount;
        int trigger = before + random.Next(phase.Length / 8, phase.Length / 2);
        int further = random.Next(0, phase.Length / 8);
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => SendUntilBrokenAsync(silo.Api, phase, sender, ledger))];
        await ReachAsync(ledger, trigger, silo);
        Task training = moment == KillMoment.Load ? Task.CompletedTask : TrainAsync(silo.Api);
        if (moment == KillMoment.Rollout)
        {
            await training;
        }
        else
        {
            await ReachAsync(ledger, trigger + further, silo);
        }

        await silo.KillAsync();
        output.WriteLine($"Killed during {moment}: {ledger.AcknowledgedCount - before} of {phase.Length} batches acknowledged.");
        await Task.WhenAll(senders);
        await training;
    }

    private static Task ReachAsync(SenderLedger ledger, int acknowledged, SiloProcess silo) => Eventually.HoldsAsync(
        $"{acknowledged} batches are acknowledged",
        LoadWithin,
        () => Task.FromResult(ledger.AcknowledgedCount >= acknowledged),
        () => $"{ledger.AcknowledgedCount} are. {silo.Describe()}");

    /// <summary>Every sender has a share of the batches; who is through begins again, so that the load lasts until the kill.</summary>
    private static async Task SendUntilBrokenAsync(SegmentsApi api, EventBatch[] phase, int sender, SenderLedger ledger)
    {
        for (int next = sender; await ledger.SendAsync(api, phase[next % phase.Length]); next += Senders)
        {
        }
    }

    private static async Task TrainAsync(SegmentsApi api)
    {
        ApiAnswer answer;
        try
        {
            answer = await api.TrainAsync(segments: 5);
        }
        catch (HttpRequestException)
        {
            // Killed while it trained, which is one of the moments that are wanted.
            return;
        }

        Assert.True(answer.Status == 200 && (bool)answer.Json["published"]!, answer.ToString());
    }

    private static async Task CheckBoundsAsync(SegmentsApi api, ShopperBatches batches, SenderLedger ledger, string when)
    {
        Dictionary<string, long> least = SenderLedger.CountByCustomer(ledger.Acknowledged);
        Dictionary<string, long> most = SenderLedger.CountByCustomer(ledger.Sent);
        Dictionary<string, long> counts = await Conservation.EventCountsAsync(api, batches.CustomerIds);
        foreach ((string id, long count) in counts)
        {
            Assert.True(count >= least.GetValueOrDefault(id), $"{id}: {least.GetValueOrDefault(id)} events were acknowledged and {count} are there {when}.");
            Assert.True(count <= most.GetValueOrDefault(id), $"{id}: {most.GetValueOrDefault(id)} events were sent and {count} are there {when}.");
        }
    }

    private static Task SendAllAsync(SegmentsApi api, IEnumerable<EventBatch> batches, SenderLedger ledger) => Parallel.ForEachAsync(
        batches,
        new ParallelOptions { MaxDegreeOfParallelism = Senders },
        async (batch, _) => Assert.True(await ledger.SendAsync(api, batch), $"A batch was refused: {ledger.Refusals.LastOrDefault()}"));

    private static async Task CheckEverythingCountsOnceAsync(SegmentsApi api, ShopperBatches batches, string when)
    {
        Dictionary<string, long> expected = SenderLedger.CountByCustomer(batches.All);
        Dictionary<string, long> counts = await Conservation.EventCountsAsync(api, batches.CustomerIds);
        Assert.All(expected, e => Assert.True(counts[e.Key] == e.Value, $"{e.Key}: {e.Value} events were sent and {counts[e.Key]} are there {when}."));
    }

    private static async Task CheckRepeatChangesNothingAsync(SegmentsApi api, ShopperBatches batches)
    {
        foreach (EventBatch batch in batches.All.Take(Senders))
        {
            (await api.PostEventsAsync("/v1/batch", batch.Body)).AssertAccepted(0, batch.Events);
        }
    }
}
