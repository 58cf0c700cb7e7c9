using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;
using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.LocalRuntime.Timers;

/// <summary>
/// A one-shot timer of the silo's clock that is wound again after each tick, so that ticks never overlap and a busy grain is
/// not owed a pile of them. The tick itself is queued as a turn of the activation.
/// </summary>
internal sealed class GrainTimer : IGrainTimer, ITurn
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly CancellationTokenSource _stop = new();
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _clock;
    private TimeSpan _period;
    private int _version;
    private int _isQueued;
    private volatile bool _isStopped;

    private GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        _period = Period(options.Period);
        _clock = activation.Class.Silo.Clock.CreateTimer(
            static timer => ((GrainTimer)timer!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool Interleaves => _options.Interleave;

    public bool IsReadOnly => false;

    public bool CountsAsUse => _options.KeepAlive;

    public static GrainTimer Start(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(activation, callback, options);
        activation.Own(timer);
        timer._clock.Change(options.DueTime, Timeout.InfiniteTimeSpan);
        return timer;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ObjectDisposedException.ThrowIf(_isStopped, this);
        _period = Period(period);
        Interlocked.Increment(ref _version);
        _clock.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _activation.Disown(this);
        Stop();
    }

    public void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        _clock.Dispose();
        _stop.Cancel();
    }

    public Task? Run(Activation activation)
    {
        Volatile.Write(ref _isQueued, 0);
        return _isStopped ? null : TickAsync();
    }

    public void Ended(Activation activation, Task outcome)
    {
    }

    /// <summary>The activation is closing; its timers go with it.</summary>
    public void MoveOn()
    {
    }

    public void Fail(Exception error)
    {
    }

    private static TimeSpan Period(TimeSpan given) => given <= TimeSpan.Zero ? Timeout.InfiniteTimeSpan : given;

    private void Due()
    {
        // One tick waits at most, so that ticks need no place in the mailbox's limit.
        if (!_isStopped && Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            _activation.Enqueue(this, int.MaxValue);
        }
    }

    private async Task TickAsync()
    {
        var version = Volatile.Read(ref _version);
        try
        {
            await _callback(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            _activation.Class.Silo.Log.LogWarning(error, "A timer of {Grain} failed; it ticks on.", _activation.GrainId);
        }

        // A change made during the tick has already set the next due time.
        if (!_isStopped && _period != Timeout.InfiniteTimeSpan && version == Volatile.Read(ref _version))
        {
            _clock.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }
}
