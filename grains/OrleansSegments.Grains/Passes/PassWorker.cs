using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Grains.Passes;

/// <summary>
/// Asks for this silo's shares of one kind of work, does them, and answers; says that it is still alive meanwhile. Whatever goes wrong on the
/// way to the grain or back, it asks again, and is told again what is still to be done.
/// </summary>
public sealed partial class PassWorker(IPassDuty duty, IGrainFactory grains, ISiloMembership silos, TimeProvider clock, ILogger<PassWorker> logger)
    : BackgroundService
{
    /// <summary>How long one question waits; below the runtime's response timeout.</summary>
    public static readonly TimeSpan AskWait = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait after a question that failed.</summary>
    public static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    /// <summary>Between two signs of life during a share; a fifth of the lease.</summary>
    public static readonly TimeSpan RenewInterval = PassGrain.Lease / 5;

    private IPassGrain Grain => grains.GetGrain<IPassGrain>(duty.Kind);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the start of the host: what a silo does for others must not delay its own start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, problem, duty.Kind);
                await Task.Delay(RetryWait, clock, stoppingToken);
            }
        }
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        string self = silos.Current.Self;
        long askedAt = clock.GetTimestamp();
        PassShare? share = await Grain.Next(self, AskWait).WaitAsync(cancellationToken);
        if (share is null)
        {
            duty.Rest();
            await LongPoll.PauseIfEarlyAsync(clock, askedAt, cancellationToken);
            return;
        }

        PassReply reply = await DoAsync(self, share, cancellationToken);
        bool isWanted = await Grain.Reply(reply).AsTask().WaitAsync(cancellationToken);
        if (!isWanted)
        {
            LogDropped(logger, duty.Kind, share.Step);
        }

        if (reply.Problem is not null)
        {
            await Task.Delay(RetryWait, clock, cancellationToken);
        }
    }

    private async Task<PassReply> DoAsync(string self, PassShare share, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task renewing = RenewAsync(self, done.Token);
        try
        {
            PassResult result = await duty.DoAsync(share, cancellationToken);
            return new PassReply(self, share.Session, share.Step, share.Parts, result, null);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            LogShareFailed(logger, problem, duty.Kind, share.Step);
            return new PassReply(self, share.Session, share.Step, share.Parts, null, problem.Message);
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
        }
    }

    private async Task RenewAsync(string self, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(RenewInterval, clock);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await Grain.Renew(self).AsTask().WaitAsync(cancellationToken);
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    LogFailed(logger, problem, duty.Kind);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The share is done.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Asking for a share of the {Kind} failed; asking again")]
    private static partial void LogFailed(ILogger logger, Exception problem, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A share of step {Step} of the {Kind} failed")]
    private static partial void LogShareFailed(ILogger logger, Exception problem, string kind, int step);

    [LoggerMessage(Level = LogLevel.Information, Message = "A share of step {Step} of the {Kind} came too late; others have done it")]
    private static partial void LogDropped(ILogger logger, string kind, int step);
}
