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

    private Action<TailedRequest>? _watchers;

    public bool IsWatched => _watchers is not null;

    public IDisposable Watch(Action<TailedRequest> arrived)
    {
        _watchers += arrived;
        return new Watcher(this, arrived);
    }

    /// <param name="writer">Digest of the key.</param>
    /// <param name="events">The events that were read; those that could not be are only in <paramref name="rejected"/>.</param>
    public void Tell(string writer, DateTimeOffset at, CustomerEvent[] events, IReadOnlyList<EventRejection> rejected) => _watchers?.Invoke(new TailedRequest(
        writer,
        at,
        events.Length,
        [.. events.Take(PerRequestMax).Select(x => new TailedEvent(x.Kind, x.Name, x.CustomerId))],
        [.. rejected.Take(PerRequestMax)]));

    private sealed class Watcher(EventTail tail, Action<TailedRequest> arrived) : IDisposable
    {
        public void Dispose() => tail._watchers -= arrived;
    }
}

/// <summary>One ingestion request as the tail shows it.</summary>
/// <param name="Writer">Digest of the key.</param>
/// <param name="Count">Events that were read, of which <paramref name="Events"/> are the first.</param>
internal sealed record TailedRequest(string Writer, DateTimeOffset At, int Count, TailedEvent[] Events, EventRejection[] Rejected);

/// <param name="Name">Null when the event is not a track.</param>
internal sealed record TailedEvent(EventKind Kind, string? Name, string CustomerId);
