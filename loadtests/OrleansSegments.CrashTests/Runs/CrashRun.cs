using System.Diagnostics;
using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>
/// Starts a silo as a process, loads it, kills it repeatedly, and after each kill has everything verified by a checker that knows only what
/// was acknowledged.
/// </summary>
public sealed class CrashRun
{
    private const string CataloguePath = "grains/OrleansSegments.Engine/Features/features.json";

    private readonly CrashRunOptions _options;
    private readonly ICrashStore _store;
    private readonly Action<string> _progress;
    private readonly Random _random;
    private readonly SenderLedger _ledger = new();
    private readonly ShopperFeed _feed;
    private string _catalogue = "";

    private CrashRun(CrashRunOptions options, ICrashStore store, Action<string> progress)
    {
        _options = options;
        _store = store;
        _progress = progress;
        _random = new Random(options.Seed);
        _feed = new ShopperFeed(options.Seed, TimeProvider.System, options.Customers, options.BatchEvents);
    }

    /// <summary>Runs all kills; stops at the first with findings, because everything after it would be wrong too.</summary>
    /// <param name="progress">Called with a line after each step.</param>
    public static Task<CrashReport> RunAsync(CrashRunOptions options, ICrashStore store, Action<string> progress, CancellationToken ct = default) =>
        new CrashRun(options, store, progress).RunAsync(ct);

    private async Task<CrashReport> RunAsync(CancellationToken ct)
    {
        using var folder = new TemporaryFolder();
        string features = await File.ReadAllTextAsync(Path.Combine(SiloProgram.RepositoryRoot, CataloguePath), ct);
        _catalogue = folder.Write("features.json", LiveVisits.AddTo(features));
        (string program, IReadOnlyList<string> prefix) = _options.Program ?? (SiloProgram.Path, []);
        var launch = new SiloLaunch(program, prefix, [.. _store.Arguments, "--features", _catalogue], new Dictionary<string, string>());
        await using RestartableSilo silo = await RestartableSilo.StartAsync(launch);
        using var api = new SegmentsApi(silo.Address);
        await using var checker = new Checker(silo.Address, _ledger);
        var scene = new KillScene(silo, api, _store, _feed, _ledger, _options, _random);
        var kills = new List<KillRecord>();
        foreach (KillMoment moment in _options.Moments)
        {
            ct.ThrowIfCancellationRequested();
            KillRecord kill = await KillAsync(kills.Count + 1, moment, scene, checker, api);
            kills.Add(kill);
            _progress(CrashReport.Line(kill));
            if (!kill.Findings.AreNone)
            {
                _progress(silo.Describe());
                break;
            }
        }

        return new CrashReport(_store.Name, _options.Seed, kills);
    }

    private async Task<KillRecord> KillAsync(int number, KillMoment moment, KillScene scene, Checker checker, SegmentsApi api)
    {
        var findings = new Findings();
        TimeSpan recovery = await scene.PlayAsync(moment, findings);
        long startedAt = Stopwatch.GetTimestamp();
        findings.AddAll(await checker.CountAsync());
        bool compares = findings.AreNone && (number % _options.CompareEvery == 0 || number == _options.Moments.Count);
        if (findings.AreNone)
        {
            await LoadSenders.SettleAsync(api, _ledger.Unresolved, _ledger, _options.Senders, CancellationToken.None);
        }

        if (compares)
        {
            findings.AddAll(await CompareAsync(checker, scene.InDoubt));
        }

        return new KillRecord(
            number,
            moment,
            _ledger.Acknowledged.Sum(batch => (long)batch.Events.Count),
            scene.InDoubt.Count,
            recovery,
            checker.Customers,
            checker.Transitions,
            compares,
            Stopwatch.GetElapsedTime(startedAt),
            findings);
    }

    /// <summary>Compares counts and features; valid only when every batch is acknowledged, so that all are known exactly.</summary>
    private async Task<Findings> CompareAsync(Checker checker, IReadOnlyList<EventBatch> inDoubt)
    {
        Findings findings = await checker.CountAsync();
        if (!findings.AreNone)
        {
            return findings;
        }

        findings.AddAll(await checker.RepeatAsync(inDoubt));
        await using CleanRun clean = await CleanRun.FeedAsync(_ledger.Acknowledged, _catalogue, _options.Seed);
        findings.AddAll(await checker.CompareAsync(clean.Address));
        return findings;
    }
}
