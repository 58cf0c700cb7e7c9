using System.Diagnostics;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Clusters;

/// <summary>
/// Several silos and a separate API as processes on a private database server, under load. Faults are injected one after another; after
/// each the checker, which knows only what was acknowledged, verifies everything.
/// </summary>
public sealed class ChaosRun
{
    private const string CataloguePath = "grains/OrleansSegments.Engine/Features/features.json";
    private const int Segments = 5;

    private static readonly TimeSpan LoadWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan WholeWithin = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ServedWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    private readonly ChaosOptions _options;
    private readonly Random _random;
    private readonly SenderLedger _ledger = new();
    private readonly ShopperFeed _feed;
    private readonly PostgresServer _server;
    private readonly ClusterProcesses _cluster;
    private readonly SiloNetwork? _network;
    private readonly SegmentsApi _api;

    private ChaosRun(ChaosOptions options, PostgresServer server, ClusterProcesses cluster, SiloNetwork? network)
    {
        (_options, _server, _cluster, _network, _api) = (options, server, cluster, network, cluster.Api.Api);
        _random = new Random(options.Seed);
        _feed = new ShopperFeed(options.Seed, TimeProvider.System, options.Customers, options.BatchEvents);
    }

    /// <summary>Injects all faults; stops at the first with findings. At the end every feature is compared with a clean run.</summary>
    /// <param name="progress">Called with a line after each fault.</param>
    public static async Task<IReadOnlyList<ChaosRecord>> RunAsync(ChaosOptions options, Action<string> progress, CancellationToken ct = default)
    {
        using var folder = new TemporaryFolder();
        string features = await File.ReadAllTextAsync(Path.Combine(SiloProgram.RepositoryRoot, CataloguePath), ct);
        string catalogue = folder.Write("features.json", LiveVisits.AddTo(features));
        await using PostgresServer server = await PostgresServer.StartAsync();
        await using SiloNetwork? network = options.Moments.Contains(ChaosMoment.SiloCutOff) ? await SiloNetwork.CreateAsync(options.Silos) : null;

        // From its own network namespace a silo reaches the server through its Unix socket.
        string connection = network is null ? server.ConnectionString() : $"Host={server.Folder};Port={server.Port};Username=postgres;Database=postgres";
        await using ClusterProcesses cluster = await ClusterProcesses.StartAsync(
            connection, options.Silos, new Dictionary<string, string>(), ["--features", catalogue], network);
        return await new ChaosRun(options, server, cluster, network).RunAsync(catalogue, progress, ct);
    }

    private async Task<IReadOnlyList<ChaosRecord>> RunAsync(string catalogue, Action<string> progress, CancellationToken ct)
    {
        await using var checker = new Checker(_api.Address, _ledger);
        var records = new List<ChaosRecord>();
        foreach (ChaosMoment moment in _options.Moments)
        {
            ct.ThrowIfCancellationRequested();
            ChaosRecord record = await StrikeAsync(records.Count + 1, moment, checker, records.Count + 1 == _options.Moments.Count ? catalogue : null);
            records.Add(record);
            progress(record.ToString());
            if (!record.Findings.AreNone)
            {
                progress($"{record.Findings}\n{_cluster.Describe()}");
                break;
            }
        }

        return records;
    }

    /// <param name="catalogue">If given, every feature is compared with a clean run at the end.</param>
    private async Task<ChaosRecord> StrikeAsync(int number, ChaosMoment moment, Checker checker, string? catalogue)
    {
        var findings = new Findings();
        var blown = new Findings();
        int refusals;
        int unanswered;
        TimeSpan served;
        TimeSpan whole;
        await using (LoadSenders senders = LoadSenders.Start(_api, _feed, _ledger, _options.Senders))
        {
            await AcknowledgeAsync(_options.BatchesMin);
            await TrainOnceAsync(number);
            await ProbeAsync(number, "before", Stopwatch.GetTimestamp(), findings);
            (refusals, unanswered) = (_ledger.Refusals.Count, _ledger.UnansweredCount);
            long struckAt = Stopwatch.GetTimestamp();
            Task blow = BlowAsync(moment, blown);
            served = await ProbeAsync(number, "after", struckAt, findings);
            await blow;
            findings.AddAll(blown);
            await _cluster.MakeWholeAsync(WholeWithin);
            whole = Stopwatch.GetElapsedTime(struckAt);
            await AcknowledgeAsync(_options.Senders);
        }

        (refusals, unanswered) = (_ledger.Refusals.Count - refusals, _ledger.UnansweredCount - unanswered);
        findings.AddAll(await checker.CountAsync());
        if (findings.AreNone)
        {
            await LoadSenders.SettleAsync(_api, _ledger.Unresolved, _ledger, _options.Senders, CancellationToken.None);
        }

        if (findings.AreNone && catalogue is not null)
        {
            findings.AddAll(await checker.CountAsync());
            await using CleanRun clean = await CleanRun.FeedAsync(_ledger.Acknowledged, catalogue, _options.Seed);
            findings.AddAll(await checker.CompareAsync(clean.Address));
        }

        return new ChaosRecord(
            number, moment, _ledger.Acknowledged.Sum(batch => (long)batch.Events.Count), served, whole, refusals, unanswered, checker.Customers, checker.Transitions, findings);
    }

    private async Task BlowAsync(ChaosMoment moment, Findings findings)
    {
        int victim = _random.Next(_options.Silos);
        switch (moment)
        {
            case ChaosMoment.SiloKilled:
                await _cluster.KillAsync(victim);
                break;
            case ChaosMoment.SiloStalled:
                _cluster.Stall(victim);
                await Task.Delay(_options.Stall);
                _cluster.GoOn(victim);
                break;
            case ChaosMoment.SiloCutOff:
                await _network!.CutAsync(victim);
                await Task.Delay(_options.Stall);
                await _network.JoinAsync(victim);
                break;
            case ChaosMoment.RollingRestart:
                for (int silo = 0; silo < _options.Silos; silo++)
                {
                    int exitCode = await _cluster.StopAsync(silo);
                    if (exitCode != 0)
                    {
                        findings.Add(FindingKind.NotRecovered, $"A silo that was told to stop ended with {exitCode}.");
                    }

                    await _cluster.StartAsync(silo);
                }

                break;
            case ChaosMoment.StoreServerKilled:
                await _server.KillAsync();
                await Task.Delay(TimeSpan.FromSeconds(2));
                await _server.StartAgainAsync();
                break;
        }
    }

    /// <summary>
    /// Sends an event for each of many customers that are new with this fault, so that every silo, including a just started one, holds some
    /// of them. Returns how long after the fault the last event was accepted.
    /// </summary>
    private async Task<TimeSpan> ProbeAsync(int number, string when, long struckAt, Findings findings)
    {
        bool[] served = await Task.WhenAll(Enumerable.Range(0, _options.Probes).Select(async customer =>
        {
            string id = $"probe-{number}-{customer}";
            var probe = new EventBatch([LiveVisits.Make(id, $"{id}-{when}", TimeProvider.System.GetUtcNow())]);
            while (!await _ledger.SendAsync(_api, probe))
            {
                if (Stopwatch.GetElapsedTime(struckAt) > ServedWithin)
                {
                    return false;
                }

                await Task.Delay(RetryAfter);
            }

            return true;
        }));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(struckAt);
        int missing = served.Count(isServed => !isServed);
        if (missing > 0)
        {
            findings.Add(FindingKind.NotRecovered, $"{missing} of {_options.Probes} customers could not be sent an event within {ServedWithin}.");
        }

        return elapsed;
    }

    private async Task TrainOnceAsync(int number)
    {
        if (number == 1)
        {
            ApiAnswer answer = await _api.TrainAsync(Segments);
            _ = answer.Status == 200 ? answer : throw new InvalidOperationException($"The first training was answered with {answer}. {_cluster.Describe()}");
        }
    }

    private Task AcknowledgeAsync(int batches)
    {
        int wanted = _ledger.AcknowledgedCount + batches;
        return Condition.HoldsAsync(
            $"{batches} more batches are acknowledged",
            () => _ledger.AcknowledgedCount >= wanted,
            () => $"{wanted - _ledger.AcknowledgedCount} are missing; last refusal: {_ledger.Refusals.LastOrDefault()}. {_cluster.Describe()}",
            LoadWithin);
    }
}
