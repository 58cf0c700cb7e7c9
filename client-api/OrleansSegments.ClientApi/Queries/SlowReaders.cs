using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>
/// Writes to clients that may be slow, and cuts off those that stand still. The server's own rule is a rate: after a large write, such as a page of changes,
/// it would wait for minutes, and after a small one for seconds. This one is a time.
/// </summary>
internal static class SlowReaders
{
    /// <summary>How long a client may take for one write, at most a page of a few hundred kilobytes.</summary>
    public static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(30);

    /// <summary>Replaces the server's rule by this one; for a response that is written by <see cref="SendAsync"/> alone.</summary>
    public static void AllowSlowReader(this HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    /// <summary>Writes and flushes.</summary>
    /// <param name="time">The real clock.</param>
    /// <exception cref="SlowReaderException">Thrown when the client did not take it in time; its connection is closed.</exception>
    public static async Task SendAsync(this HttpContext context, ReadOnlyMemory<byte> bytes, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(StandstillMax, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await context.Response.Body.WriteAsync(bytes, end.Token);
            await context.Response.Body.FlushAsync(end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && deadline.IsCancellationRequested)
        {
            context.Abort();
            throw new SlowReaderException();
        }
    }
}

/// <summary>A client took nothing for <see cref="SlowReaders.StandstillMax"/>.</summary>
internal sealed class SlowReaderException() : IOException($"The client took nothing for {SlowReaders.StandstillMax.TotalSeconds:0} s and was cut off.");
