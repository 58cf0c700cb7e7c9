namespace OrleansSegments.ClientApi.Clocks;

/// <summary>By which clock the store lives. Every answer names it, because moments of replayed history look like the present to whoever reads only them.</summary>
/// <param name="Store">What the store takes for now.</param>
/// <param name="Real">The present; the same as <paramref name="Store"/> unless the store lives at the time of replayed history.</param>
public sealed record StoreClock(TimeProvider Store, TimeProvider Real)
{
    public bool IsReplayed => Store != Real;

    /// <summary>As answers name it.</summary>
    public string Name => IsReplayed ? "replayed" : "system";

    /// <summary>The store's now where it is not the present; null where it is.</summary>
    internal DateTimeOffset? ReplayedNow => IsReplayed ? Store.GetUtcNow() : null;
}
