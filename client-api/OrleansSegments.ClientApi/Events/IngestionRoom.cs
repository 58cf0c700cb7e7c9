using System.Numerics;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// Bounds the memory of ingestion requests, from the first byte read to the answer. A request takes room for the buffer of its body before
/// it is read; without room it waits a little, and as many bytes may wait as may be held.
/// </summary>
internal sealed class IngestionRoom : IDisposable
{
    /// <summary>The unit in which room is counted.</summary>
    private const int PermitBytes = 1_024;

    /// <summary>Room of the smallest request: what a connection and one parsed event take, so that small requests are bounded in number.</summary>
    private const int RequestBytesMin = 16 * 1_024;

    /// <summary>Expected of a body that does not say how long it is.</summary>
    private const int UnknownBytes = 64 * 1_024;

    /// <summary>How much larger than the packed body the buffer is expected to be; a request that needs more takes more while it is read.</summary>
    private const int UnpackedTimes = 8;

    /// <summary>A request up to this size may also use the room that is kept for small ones.</summary>
    private const int SmallBytesMax = 64 * 1_024;

    /// <summary>The share of the room that is kept for small requests, so that large ones cannot hold up the few events of an SDK.</summary>
    private const int SmallShare = 8;

    /// <summary>The longest base of Retry-After, when as many bytes wait as may wait.</summary>
    private const int RetryAfterSecondsMax = 10;

    /// <summary>A burst is worked off in that time, and no client gives up before it.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(2);

    private readonly ConcurrencyLimiter _limiter;
    private readonly ConcurrencyLimiter _small;
    private readonly TimeProvider _time;
    private readonly int _permits;
    private readonly int _requestBytesMax;

    public IngestionRoom(IOptions<ClientApiOptions> options, StoreClock clock)
    {
        _time = clock.Real;
        var permits = (int)(options.Value.IngestionBytesMax / PermitBytes);
        _permits = permits - (permits / SmallShare);
        _requestBytesMax = options.Value.RequestBytesMax;
        _limiter = LimiterOf(_permits);
        _small = LimiterOf(permits / SmallShare);
    }

    /// <summary>Bytes for which requests wait.</summary>
    public long BytesWaiting => (_limiter.GetStatistics()!.CurrentQueuedCount + _small.GetStatistics()!.CurrentQueuedCount) * PermitBytes;

    /// <summary>Grows from 1 with the bytes that wait.</summary>
    public int RetryAfterSeconds => 1 + (int)((RetryAfterSecondsMax - 1) * _limiter.GetStatistics()!.CurrentQueuedCount / _permits);

    public async ValueTask<HeldRoom> EnterAsync(HttpRequest request)
    {
        var sent = Math.Min(request.ContentLength ?? UnknownBytes, _requestBytesMax);
        var bytes = PooledBytes((int)Math.Clamp(ContentCoding.IsPacked(request) ? UnpackedTimes * sent : sent + 1, RequestBytesMin, Math.Max(RequestBytesMin, _requestBytesMax + 1)));
        var lease = _limiter.AttemptAcquire(PermitsOf(bytes));
        return new HeldRoom(this, lease.IsAcquired ? lease : await WaitAsync(bytes, request.HttpContext.RequestAborted), bytes);
    }

    public void Dispose()
    {
        _limiter.Dispose();
        _small.Dispose();
    }

    /// <summary>The size of the pooled array that holds so many bytes.</summary>
    public static int PooledBytes(int bytes) => (int)BitOperations.RoundUpToPowerOf2((uint)bytes);

    public RateLimitLease Attempt(int bytes) => _limiter.AttemptAcquire(PermitsOf(bytes));

    public ApiError Full() => ServiceErrors.Overloaded("The requests under way take all the memory there is for them (ClientApi:IngestionBytesMax).", RetryAfterSeconds);

    private async ValueTask<RateLimitLease?> WaitAsync(int bytes, CancellationToken aborted)
    {
        using var patience = new CancellationTokenSource(WaitMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, aborted);
        try
        {
            return await (bytes <= SmallBytesMax ? _small : _limiter).AcquireAsync(PermitsOf(bytes), either.Token) is { IsAcquired: true } lease ? lease : null;
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private static ConcurrencyLimiter LimiterOf(int permits) => new(new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = permits });

    private int PermitsOf(int bytes) => Math.Min((bytes / PermitBytes) + 1, _permits);
}

/// <summary>The room that a request holds until it is answered.</summary>
/// <param name="first">Null when there was no room.</param>
internal sealed class HeldRoom(IngestionRoom room, RateLimitLease? first, int bytes) : IDisposable
{
    private readonly List<RateLimitLease> _leases = first is null ? [] : [first];
    private int _bytes = bytes;

    /// <summary>Null when the request may be read.</summary>
    public ApiError? Refusal { get; } = first is null ? room.Full() : null;

    /// <summary>Takes the room for a larger buffer, without waiting: a request that waited while it holds room could wait for itself.</summary>
    public ApiError? Grow(int size)
    {
        size = IngestionRoom.PooledBytes(size);
        if (size <= _bytes)
        {
            return null;
        }

        var lease = room.Attempt(size - _bytes);
        if (!lease.IsAcquired)
        {
            return room.Full();
        }

        _leases.Add(lease);
        _bytes = size;
        return null;
    }

    public void Dispose() => _leases.ForEach(lease => lease.Dispose());
}
