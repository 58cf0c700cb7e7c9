using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Console.Live;

/// <summary>
/// Shows the newest events of a key to whoever integrates it, as they arrive at this process. Nothing is kept while nobody looks, and nobody
/// waits: what arrives faster than pages can show is left out.
/// </summary>
internal sealed class EventTail
{
    /// <summary>Events of one request that are shown.</summary>
    private const int PerRequestMax = 20;

    private event Action<TailedRequest>? Watchers;

    public bool IsWatched => Watchers is not null;

    public IDisposable Watch(Action<TailedRequest> arrived)
    {
        Watchers += arrived;
        return new Watcher(this, arrived);
    }

    /// <param name="writer">Digest of the key.</param>
    /// <param name="taken">The events that are durable now.</param>
    /// <param name="refusal">Why the request was refused as a whole; null when it was not.</param>
    public void Tell(string writer, DateTimeOffset at, IReadOnlyList<CustomerEvent> taken, IReadOnlyList<EventRejection> rejected, string? refusal) => Watchers?.Invoke(new TailedRequest(
        writer,
        at,
        taken.Count,
        [.. taken.Take(PerRequestMax).Select(x => new TailedEvent(x.Kind, x.Name, x.CustomerId))],
        [.. rejected.Take(PerRequestMax)],
        refusal));

    private sealed class Watcher(EventTail tail, Action<TailedRequest> arrived) : IDisposable
    {
        public void Dispose() => tail.Watchers -= arrived;
    }
}

/// <summary>One ingestion request as the tail shows it.</summary>
/// <param name="Writer">Digest of the key.</param>
/// <param name="Count">Events that were taken, of which <paramref name="Events"/> are the first.</param>
/// <param name="Refusal">Why the request was refused as a whole; null when it was not.</param>
internal sealed record TailedRequest(string Writer, DateTimeOffset At, int Count, TailedEvent[] Events, EventRejection[] Rejected, string? Refusal);

/// <param name="Name">Null when the event is not a track.</param>
internal sealed record TailedEvent(EventKind Kind, string? Name, string CustomerId);
