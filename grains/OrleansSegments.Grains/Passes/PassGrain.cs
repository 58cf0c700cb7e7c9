using Microsoft.Extensions.Hosting;
using Orleans;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Grains.Passes;

/// <summary>
/// Owns the step that is under way of one kind of work. Key: the kind. A crash loses it: whoever ordered it finds that out and orders it
/// again. All methods interleave; between two awaits each leaves the ledger whole.
/// </summary>
public sealed class PassGrain(ISiloMembership silos, TimeProvider clock, IHostApplicationLifetime host) : Grain, IPassGrain
{
    /// <summary>Silence after which a silo's parts go to others. A silo at work says so far more often.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>How often those who wait look for silos that have gone.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly PassLedger _ledger = new(Lease);
    private readonly long _startedAt = clock.GetTimestamp();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan Now => clock.GetElapsedTime(_startedAt);

    public ValueTask<bool> Order(PassOrder order)
    {
        bool isTaken = _ledger.Begin(order, silos.Current, Now);
        if (isTaken)
        {
            Tell();
        }

        return new(isTaken);
    }

    public async Task<PassAnswer> Answer(Guid session, int step, TimeSpan wait)
    {
        TimeSpan until = Now + wait;
        while (true)
        {
            PassAnswer answer = _ledger.Answer(session, step, silos.Current, Now);
            if (!answer.IsKnown || answer.IsFinished || answer.Problem is not null || !await ChangesUntil(until))
            {
                return answer;
            }
        }
    }

    public async Task<PassShare?> Next(string silo, TimeSpan wait)
    {
        TimeSpan until = Now + wait;
        while (true)
        {
            PassShare? share = _ledger.Take(silo, silos.Current, Now);
            if (share is not null || !await ChangesUntil(until))
            {
                return share;
            }
        }
    }

    public ValueTask Renew(string silo)
    {
        _ledger.Renew(silo, Now);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> Reply(PassReply reply)
    {
        bool isWanted = _ledger.Accept(reply, Now);
        if (isWanted)
        {
            Tell();
        }

        return new(isWanted);
    }

    /// <summary>Waits for a change or for the next look; false when the time is up or the silo stops.</summary>
    private async Task<bool> ChangesUntil(TimeSpan until)
    {
        TimeSpan left = until - Now;
        if (left <= TimeSpan.Zero || host.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }

        Task changed = _changed.Task;
        await Task.WhenAny(changed, Task.Delay(left < LookInterval ? left : LookInterval, clock, host.ApplicationStopping));
        return true;
    }

    private void Tell()
    {
        TaskCompletionSource changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}
