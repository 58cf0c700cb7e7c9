using OrleansSegments.CrashTests.Checks;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Stores;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>
/// Performs one kill: load, the accompanying activity, the kill at a random instant, and the recovery until the silo is ready and no sender
/// is active.
/// </summary>
internal sealed class KillScene(
    RestartableSilo silo, SegmentsApi api, ICrashStore store, ShopperFeed feed, SenderLedger ledger, CrashRunOptions options, Random random)
{
    private const int Segments = 5;
    private const int SegmentsMax = 15;

    private static readonly TimeSpan LoadWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DueKillBefore = TimeSpan.FromMilliseconds(200);

    private bool _isTrained;
    private int _dueScenes;

    /// <summary>Batches that the last kill left without an answer; their outcome was unknown at that moment.</summary>
    public IReadOnlyList<EventBatch> InDoubt { get; private set; } = [];

    /// <summary>Returns how long the killed process took until it was ready again.</summary>
    public async Task<TimeSpan> PlayAsync(KillMoment moment, Findings findings)
    {
        InDoubt = [];
        await using LoadSenders senders = LoadSenders.Start(api, feed, ledger, options.Senders);
        await AcknowledgeAsync(random.Next(options.BatchesMin, options.BatchesMin * 2));
        if (!_isTrained && moment is not (KillMoment.Training or KillMoment.Rollout))
        {
            await TrainAsync();
        }

        switch (moment)
        {
            case KillMoment.Load:
                await Task.Delay(Within(milliseconds: 400));
                break;
            case KillMoment.Training:
                Task training = TrainAsync();
                await Task.WhenAny(training, Task.Delay(Within(milliseconds: 300)));
                await silo.KillAsync();
                await training;
                break;
            case KillMoment.Rollout:
                await TrainAsync();
                await Task.Delay(Within(milliseconds: 40));
                break;
            case KillMoment.StartUp:
                await silo.KillAsync();
                await silo.StartAndKillAsync(Within(milliseconds: 1_500));
                break;
            case KillMoment.AfterStart:
                await silo.KillAsync();
                await silo.StartAgainAsync();
                await Task.Delay(Within(milliseconds: 250));
                break;
            case KillMoment.Due:
                await senders.StopAsync();
                return await KillWhileDueAsync(findings);
            case KillMoment.StoreServer:
                return await new ServerOutage(api, store, ledger).PlayAsync(Within(milliseconds: 2_000), options.Senders, findings);
        }

        return await KillUnderLoadAsync(senders);
    }

    /// <summary>The senders either stop with the process, or keep retrying until the next process accepts their batches.</summary>
    private async Task<TimeSpan> KillUnderLoadAsync(LoadSenders senders)
    {
        await silo.KillAsync();
        InDoubt = ledger.Unresolved;
        bool holdOn = random.Next(2) == 0;
        if (!holdOn)
        {
            await senders.StopAsync();
        }

        TimeSpan recovery = await silo.StartAgainAsync();
        if (holdOn)
        {
            await AnswerAsync(options.Senders);
            await senders.StopAsync();
        }

        return recovery;
    }

    private async Task<TimeSpan> KillWhileDueAsync(Findings findings)
    {
        DueCustomers due = await MakeDueAsync();

        // The scanner runs twice a second, so the kill comes before, during or after a scan.
        TimeSpan wait = due.Moment - TimeProvider.System.GetUtcNow() - DueKillBefore;
        await Task.Delay((wait > TimeSpan.Zero ? wait : TimeSpan.Zero) + Within(milliseconds: 1_000));
        await silo.KillAsync();
        TimeSpan recovery = await silo.StartAgainAsync();
        findings.AddAll(await due.CheckMovedAsync());
        return recovery;
    }

    /// <summary>
    /// Creates due customers. The present model may have no suitable segment; then models with more segments are trained.
    /// </summary>
    private async Task<DueCustomers> MakeDueAsync()
    {
        for (int segments = Segments; segments <= SegmentsMax; segments += Segments)
        {
            if (await DueCustomers.TryMakeAsync(api, ledger, $"due{_dueScenes++}") is { } due)
            {
                return due;
            }

            await TrainAsync(segments + Segments);
        }

        throw new InvalidOperationException($"No customer could be made due at the next whole minute, with up to {SegmentsMax} segments. {silo.Describe()}");
    }

    private async Task TrainAsync(int segments = Segments)
    {
        ApiAnswer answer;
        try
        {
            answer = await api.TrainAsync(segments);
        }
        catch (HttpRequestException)
        {
            // Killed during the training, which is one of the intended cases.
            return;
        }

        if (answer.Status == 200 && (bool)answer.Json["published"]!)
        {
            _isTrained = true;
        }
        else if (!answer.IsTurnedAway)
        {
            ledger.NoteFault($"a training was answered with {answer}");
        }
    }

    private Task AcknowledgeAsync(int batches)
    {
        int wanted = ledger.AcknowledgedCount + batches;
        return Condition.HoldsAsync(
            $"{batches} more batches are acknowledged",
            () => ledger.AcknowledgedCount >= wanted,
            () => $"{wanted - ledger.AcknowledgedCount} are missing. {silo.Describe()}",
            LoadWithin);
    }

    private Task AnswerAsync(int answers)
    {
        int wanted = ledger.AnswersCount + answers;
        return Condition.HoldsAsync($"{answers} batches are answered after the restart", () => ledger.AnswersCount >= wanted, silo.Describe, LoadWithin);
    }

    /// <summary>A random delay; random kill instants are the purpose, so this does not wait for a condition.</summary>
    private TimeSpan Within(int milliseconds) => TimeSpan.FromMilliseconds(random.NextDouble() * milliseconds);
}
