using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.Webhooks;

/// <summary>
/// Delivers the transitions of one webhook from its cursor on, on threads of the pool and not in turns of its grain: up to <see cref="DeliveriesMax"/> at once,
/// one at a time of each customer. A transition that fails is tried again after a growing wait, and only its customer waits for it. When several
/// customers' fail and none succeeds, the receiver is down: the whole webhook waits, and probes it with one message at a time.
/// </summary>
internal sealed class WebhookCourier : IAsyncDisposable
{
    /// <summary>Deliveries under way at once: a receiver that needs 100 ms for one takes 80 a second.</summary>
    public const int DeliveriesMax = 8;

    /// <summary>Customers whose deliveries failed, since the last one that succeeded, from which on the receiver counts as down.</summary>
    public const int DownAfter = 3;

    /// <summary>The last deliveries that are kept to be looked at.</summary>
    public const int KeptMax = 20;

    private static readonly TimeSpan WaitMin = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between two attempts on its own account.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait that a receiver can demand by Retry-After.</summary>
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromHours(1);

    private readonly WebhookTarget _target;
    private readonly CourierServices _services;
    private readonly DeliveryWindow _window;
    private readonly List<Task<(PendingTransition Pending, SendResult Result)>> _sending = [];
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private readonly Queue<WebhookDelivery> _kept;
    private readonly CancellationTokenSource _end;
    private readonly Task _running;
    private volatile CourierProgress _progress;
    private Task _wake = Task.CompletedTask;
    private DateTimeOffset _wakeAt;
    private DateTimeOffset _restUntil;
    private int _probes;

    /// <summary>Starts delivering.</summary>
    /// <param name="kept">The last deliveries before, oldest first.</param>
    public WebhookCourier(WebhookTarget target, CourierProgress progress, IEnumerable<WebhookDelivery> kept, CourierServices services)
    {
        (_target, _services, _progress) = (target, services, progress);
        _window = new DeliveryWindow(progress.Cursor);
        _kept = new Queue<WebhookDelivery>(kept);
        _end = CancellationTokenSource.CreateLinkedTokenSource(services.Stopping);
        _running = Task.Run(() => RunAsync(_end.Token), CancellationToken.None);
    }

    public CourierProgress Progress => _progress;

    /// <summary>Oldest first.</summary>
    public WebhookDelivery[] Kept
    {
        get
        {
            lock (_kept)
            {
                return [.. _kept];
            }
        }
    }

    private bool IsDown => _failing.Count >= DownAfter;

    /// <summary>Stops and breaks off what is under way; that is sent again by the next courier.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        Task<TransitionView[]>? reading = null;
        try
        {
            while (_progress.DisabledAt is null)
            {
                reading ??= _window.Room > 0 ? ReadAsync(cancellationToken) : null;
                Send(cancellationToken);
                await Task.WhenAny(Awaited(reading, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                if (reading is { IsCompleted: true })
                {
                    _window.Add(await reading, _target.IsWanted);
                    reading = null;
                }

                foreach (var sent in _sending.FindAll(static sent => sent.IsCompleted))
                {
                    _sending.Remove(sent);
                    Settle((await sent).Pending, (await sent).Result);
                }

                Publish();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped. What is under way is broken off too, and repeated by the next courier: it is beyond the cursor.
        }

        await _end.CancelAsync();
        await Task.WhenAll(_sending).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private async Task<TransitionView[]> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _services.ReadAsync(_window.ReadTo, _window.Room, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The store or a silo is away; it has logged that itself.
            await Task.Delay(WaitMin, _services.Clock, cancellationToken);
            return [];
        }
    }

    private void Send(CancellationToken cancellationToken)
    {
        DateTimeOffset now = _services.Clock.GetUtcNow();
        while (HasRoom && now >= _restUntil && _window.TryTake(now, prefersFresh: IsDown, out PendingTransition pending))
        {
            _sending.Add(SendAsync(pending, isProbe: IsDown || pending.Failures > 0, cancellationToken));
        }
    }

    private bool HasRoom => _sending.Count < (IsDown ? 1 : DeliveriesMax);

    private async Task<(PendingTransition Pending, SendResult Result)> SendAsync(PendingTransition pending, bool isProbe, CancellationToken cancellationToken) =>
        (pending, await _services.SendAsync(WebhookMessage.Of(_target, pending.Transition), isProbe, cancellationToken));

    /// <summary>What the loop waits for: transitions, the end of a delivery, the time of the next attempt.</summary>
    private IEnumerable<Task> Awaited(Task? reading, CancellationToken cancellationToken)
    {
        if (reading is not null)
        {
            yield return reading;
        }

        foreach (Task sent in _sending)
        {
            yield return sent;
        }

        if (HasRoom && NextAttemptAt is { } at)
        {
            if (_wake.IsCompleted || at < _wakeAt)
            {
                TimeSpan wait = at - _services.Clock.GetUtcNow();
                (_wakeAt, _wake) = (at, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _services.Clock, cancellationToken));
            }

            yield return _wake;
        }

        if (reading is null && _sending.Count == 0 && NextAttemptAt is null)
        {
            // Nothing can come of waiting for ever; a full window always has something on its way or due.
            throw new InvalidOperationException("A webhook's window is full and nothing in it is due.");
        }
    }

    private DateTimeOffset? NextAttemptAt => _restUntil > _services.Clock.GetUtcNow() ? _restUntil : _window.NextRetryAt;

    private void Settle(PendingTransition pending, SendResult result)
    {
        _services.Delivered(result.Delivery);
        Keep(result.Delivery);
        DateTimeOffset now = _services.Clock.GetUtcNow();
        if (result.Delivery.Delivered)
        {
            _window.Deliver(pending);
            if (IsDown)
            {
                _window.RetryNow(now);
            }

            _failing.Clear();
            _probes = 0;
            _progress = _progress with { FailingSince = null, Reason = null };
            return;
        }

        _failing.Add(pending.Transition.CustomerId);
        _window.Return(pending, now + Wait(pending.Failures));
        if (result.RetryAfter is { } asked)
        {
            DateTimeOffset until = now + TimeSpan.FromTicks(Math.Clamp(asked.Ticks, WaitMin.Ticks, RetryAfterMax.Ticks));
            _restUntil = until > _restUntil ? until : _restUntil;
        }
        else if (IsDown && now >= _restUntil)
        {
            _restUntil = now + Wait(_probes++);
        }

        DateTimeOffset since = _progress.FailingSince ?? now;
        bool isOver = result.IsGone || now - since >= _services.DisableAfter;
        _progress = _progress with
        {
            FailingSince = since,
            Reason = isOver && !result.IsGone ? $"Nothing but failures since {since:u} (Webhooks:DisableAfter). The last: {result.Delivery.Problem}" : result.Delivery.Problem,
            DisabledAt = isOver ? now : null,
        };
    }

    /// <summary>Doubles from a second to a minute.</summary>
    private static TimeSpan Wait(int failuresBefore) => TimeSpan.FromTicks(Math.Min(WaitMin.Ticks << Math.Min(failuresBefore, 10), WaitMax.Ticks));

    private void Publish() => _progress = _progress with
    {
        Cursor = _window.Cursor,
        RetryAt = _progress.DisabledAt is null && (_progress.FailingSince is not null || _restUntil > _services.Clock.GetUtcNow()) ? NextAttemptAt : null,
    };

    private void Keep(WebhookDelivery delivery)
    {
        lock (_kept)
        {
            _kept.Enqueue(delivery);
            if (_kept.Count > KeptMax)
            {
                _kept.Dequeue();
            }
        }
    }
}

/// <summary>How far a webhook is.</summary>
/// <param name="Cursor">Everything up to this sequence is delivered or was not wanted.</param>
/// <param name="FailingSince">The first failure after the last success; null after a success.</param>
/// <param name="Reason">The last failure, or why nothing is sent any more.</param>
/// <param name="DisabledAt">Since when nothing is sent any more.</param>
public sealed record CourierProgress(
    long Cursor, DateTimeOffset? FailingSince = null, string? Reason = null, DateTimeOffset? RetryAt = null, DateTimeOffset? DisabledAt = null);

/// <summary>What couriers use.</summary>
/// <param name="ReadAsync">Reads transitions after a sequence, up to a limit; waits a while when there are none.</param>
/// <param name="SendAsync">Sends a message, once for a probe.</param>
/// <param name="Delivered">Is told of every delivery.</param>
/// <param name="Stopping">Ends all couriers.</param>
internal sealed record CourierServices(
    Func<long, int, CancellationToken, Task<TransitionView[]>> ReadAsync,
    Func<WebhookMessage, bool, CancellationToken, Task<SendResult>> SendAsync,
    Action<WebhookDelivery> Delivered,
    TimeProvider Clock,
    TimeSpan DisableAfter,
    CancellationToken Stopping);
