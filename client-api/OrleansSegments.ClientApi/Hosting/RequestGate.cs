using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>
/// Holds requests while the process starts and turns them away while it stops. The listener opens before everything else and closes after
/// everything else, so that clients that do not wait for a server find one. This service starts last, which lets the held requests go on,
/// and stops first: it waits for the running requests before the grains end.
/// </summary>
internal sealed class RequestGate(StoreClock clock) : IHostedService, IEndpointFilter
{
    /// <summary>The longest time that a request is held; a start that takes longer is no reason to keep a client waiting.</summary>
    public static readonly TimeSpan HeldMax = TimeSpan.FromSeconds(10);

    /// <summary>What all held requests may take. Nothing of their bodies is read, but the server buffers what arrives.</summary>
    private const long HeldBytesMax = 64 << 20;

    /// <summary>The server buffers that much of a body that nobody reads.</summary>
    private const long BufferedBytesMax = 1 << 20;

    /// <summary>What a connection takes beside its body.</summary>
    private const long ConnectionBytes = 16 << 10;

    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private bool _isStopping;
    private int _running;
    private long _heldBytes;

    /// <summary>Requests that run or are held.</summary>
    public int Running => Volatile.Read(ref _running);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _decided.TrySetResult();
        return Task.CompletedTask;
    }

    /// <summary>Completes once the process serves, or after the time that a request is held at most.</summary>
    public async Task WhenStartedAsync(CancellationToken cancellationToken)
    {
        if (!_decided.Task.IsCompleted)
        {
            await _decided.Task.WaitAsync(HeldMax, clock.Real, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isStopping = true;
            if (_running == 0)
            {
                _idle.TrySetResult();
            }
        }

        _decided.TrySetResult();
        try
        {
            await _idle.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The time to stop is up: what still runs is not acknowledged.
        }
    }

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!TryEnter())
        {
            return Stopping();
        }

        try
        {
            return _decided.Task.IsCompleted ? await next(context) : await HoldAsync(context) ?? await next(context);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Null when the request may go on.</summary>
    private async ValueTask<IResult?> HoldAsync(EndpointFilterInvocationContext context)
    {
        var bytes = ConnectionBytes + Math.Min(context.HttpContext.Request.ContentLength ?? BufferedBytesMax, BufferedBytesMax);
        try
        {
            if (Interlocked.Add(ref _heldBytes, bytes) > HeldBytesMax)
            {
                return Starting();
            }

            await _decided.Task.WaitAsync(HeldMax, clock.Real, context.HttpContext.RequestAborted);
            return Volatile.Read(ref _isStopping) ? Stopping() : null;
        }
        catch (TimeoutException)
        {
            return Starting();
        }
        finally
        {
            Interlocked.Add(ref _heldBytes, -bytes);
        }
    }

    private bool TryEnter()
    {
        lock (_lock)
        {
            _running += _isStopping ? 0 : 1;
            return !_isStopping;
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            _running--;
            if (_isStopping && _running == 0)
            {
                _idle.TrySetResult();
            }
        }
    }

    private static IResult Starting() => ServiceErrors.NotServing("starting", "The server is starting.").ToResult();

    private static IResult Stopping() => ServiceErrors.NotServing("stopping", "The server is stopping.").ToResult();
}
