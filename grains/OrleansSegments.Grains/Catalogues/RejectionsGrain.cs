using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Grains.Catalogues;

/// <summary>
/// Owns the newest refused events, over all silos. Key: 0. Written once a minute, after every removal and when the grain goes, so a crash loses
/// the last minute of refusals.
/// </summary>
public sealed class RejectionsGrain(
    [PersistentState("rejections", "control")] IPersistentState<RejectionsState> state, TimeProvider clock) : Grain, IRejectionsGrain
{
    /// <summary>Some 2 MB of the largest events.</summary>
    public const int KeptMax = 500;

    private static readonly TimeSpan WriteInterval = TimeSpan.FromMinutes(1);

    private bool _isWritten = true;
    private DateTimeOffset _writtenAt;

    public async Task Add(RejectedEvent[] rejected)
    {
        Queue<RejectedEvent> kept = new(state.State.Kept);
        foreach (RejectedEvent one in rejected)
        {
            kept.Enqueue(one with { Number = ++state.State.LastNumber });
            if (kept.Count > KeptMax)
            {
                kept.Dequeue();
            }
        }

        state.State.Kept = [.. kept];
        _isWritten = false;
        if (clock.GetUtcNow() - _writtenAt >= WriteInterval)
        {
            await WriteAsync();
        }
    }

    public ValueTask<RejectedEvent[]> List(string? reason, int limit) =>
        new([.. state.State.Kept.AsEnumerable().Reverse().Where(x => reason is null || x.Reason == reason).Take(limit)]);

    public Task Remove(long[] numbers)
    {
        state.State.Kept = [.. state.State.Kept.Where(x => !numbers.Contains(x.Number))];
        return WriteAsync();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _isWritten ? Task.CompletedTask : WriteAsync();

    private async Task WriteAsync()
    {
        (_isWritten, _writtenAt) = (true, clock.GetUtcNow());
        await state.WriteStateAsync();
    }
}

/// <summary>Persistent state of the refused events.</summary>
public sealed class RejectionsState
{
    public long LastNumber { get; set; }

    /// <summary>Oldest first.</summary>
    public RejectedEvent[] Kept { get; set; } = [];
}
