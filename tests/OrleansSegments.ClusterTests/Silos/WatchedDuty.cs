using System.Collections.Concurrent;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>A silo's duty that the test can watch, and hold before it begins or before it answers.</summary>
internal sealed class WatchedDuty(IPassDuty duty) : IPassDuty
{
    /// <summary>Every share that was asked for, in order.</summary>
    public ConcurrentQueue<PassShare> Shares { get; } = new();

    /// <summary>Awaited before a share is done.</summary>
    public Func<PassShare, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Awaited after a share is done, before its answer is handed in.</summary>
    public Func<PassShare, Task> After { get; set; } = static _ => Task.CompletedTask;

    public string Kind => duty.Kind;

    public async Task<PassResult> DoAsync(PassShare share, CancellationToken cancellationToken)
    {
        Shares.Enqueue(share);
        await Before(share).WaitAsync(cancellationToken);
        var result = await duty.DoAsync(share, cancellationToken);
        await After(share).WaitAsync(cancellationToken);
        return result;
    }

    public void Rest() => duty.Rest();
}
