using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Disks;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.EndToEndTests.Disks;

/// <summary>
/// A disk that fills up under load: changes are refused instead of falsely acknowledged, and accepted again as soon as there is space.
/// </summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    private const int DiskMegabytes = 14;
    private const int BallastMegabytes = 7;
    private const int Senders = 4;

    private static readonly TimeSpan FullWithin = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_full_disk_refuses_changes_and_recovers_without_a_restart()
    {
        using SmallDisk? disk = SmallDisk.TryMount(DiskMegabytes, out string? problem);
        Assert.SkipUnless(disk is not null, problem ?? "");
        disk.Fill(DiskMegabytes - BallastMegabytes);
        ShopperBatches batches = ShopperBatches.Make(seed: 5, customers: 1_500, days: 60, batchEvents: 60);
        var ledger = new SenderLedger();
        await using SiloProcess silo = await SiloProcess.StartAsync(Path.Combine(disk.Folder, "data"));

        await FillAsync(silo, batches, ledger);
        ApiAnswer ready = await NotReadyAsync(silo, batches, ledger);
        Assert.Contains("Free space", ready.Text, StringComparison.Ordinal);
        Assert.All(ledger.Refusals, AssertTruthfulRefusal);
        output.WriteLine($"{ledger.AcknowledgedCount} batches acknowledged before the disk was full; {ready.Text}");

        disk.FreeSpace();
        await ResendUntilAcceptedAsync(silo, ledger);
        await Condition.HoldsAsync("the silo is ready again", silo.Api.IsReadyAsync, silo.Describe);

        await using var checker = new Checker(silo.Address, ledger);
        Findings findings = await checker.CountAsync();
        Assert.True(findings.AreNone, findings.ToString());
    }

    /// <summary>Sends new batches until one is refused.</summary>
    private static async Task FillAsync(SiloProcess silo, ShopperBatches batches, SenderLedger ledger)
    {
        using var full = new CancellationTokenSource(FullWithin);
        try
        {
            await Parallel.ForEachAsync(
                batches.All, new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = full.Token }, async (batch, _) =>
                {
                    if (!await ledger.SendAsync(silo.Api, batch))
                    {
                        await full.CancelAsync();
                    }
                });
        }
        catch (OperationCanceledException) when (ledger.Refusals.Count > 0)
        {
            // The disk is full, as intended.
        }

        Assert.True(ledger.Refusals.Count > 0, $"{ledger.AcknowledgedCount} batches did not fill the disk. {silo.Describe()}");
    }

    /// <summary>A smaller commit may still fit after the one that failed, so more is sent until nothing fits.</summary>
    private static async Task<ApiAnswer> NotReadyAsync(SiloProcess silo, ShopperBatches batches, SenderLedger ledger)
    {
        ApiAnswer? ready = null;
        var unsent = new Queue<EventBatch>(batches.All.Except(ledger.Sent));
        await Condition.HoldsAsync(
            "the silo says that it is not ready",
            async () =>
            {
                bool refused = !await ledger.SendAsync(silo.Api, unsent.Dequeue());
                ready = await silo.Api.GetAsync("/health/ready", key: null);
                return refused && ready.Status == 503;
            },
            () => $"{ready} {silo.Describe()}",
            FullWithin);
        return ready!;
    }

    private static Task ResendUntilAcceptedAsync(SiloProcess silo, SenderLedger ledger) => Condition.HoldsAsync(
        "every batch that was sent is acknowledged",
        async () =>
        {
            foreach (EventBatch batch in ledger.Sent.Except(ledger.Acknowledged).ToArray())
            {
                await ledger.SendAsync(silo.Api, batch);
            }

            return !ledger.Sent.Except(ledger.Acknowledged).Any();
        },
        () => $"{ledger.Refusals.LastOrDefault()} {silo.Describe()}");

    private static void AssertTruthfulRefusal(ApiAnswer refusal)
    {
        Assert.True(refusal.Status is 429 or 503, refusal.ToString());
        Assert.True(refusal.RetryAfter > TimeSpan.Zero, $"No Retry-After: {refusal}");
        Assert.False((bool)refusal.Json["success"]!);
    }
}
