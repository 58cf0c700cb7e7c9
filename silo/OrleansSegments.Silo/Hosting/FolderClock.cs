using OrleansSegments.Storage.Control;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The note in a store that says by which clock it lives.</summary>
internal static class FolderClock
{
    private const string Kind = "settings";
    private const string Key = "replay-clock";

    private static readonly byte[] Replayed = [.. "true"u8];
    private static readonly byte[] Ended = [.. "false"u8];

    /// <summary>Whether the store lives at the time of replayed history; null while nothing is noted.</summary>
    public static async Task<bool?> ReadAsync(IControlStateStore control, CancellationToken cancellationToken) =>
        await control.ReadAsync(Kind, Key, cancellationToken) is { } note ? note.Content.AsSpan().SequenceEqual(Replayed) : null;

    /// <summary>Notes that the store lives at the time of what is replayed into it.</summary>
    public static Task BeginReplayAsync(IControlStateStore control, CancellationToken cancellationToken) => WriteAsync(control, Replayed, cancellationToken);

    /// <summary>Notes that the store lives in the present from now on; no later import changes that.</summary>
    public static Task EndReplayAsync(IControlStateStore control, CancellationToken cancellationToken) => WriteAsync(control, Ended, cancellationToken);

    private static async Task WriteAsync(IControlStateStore control, byte[] content, CancellationToken cancellationToken)
    {
        // The silos of a cluster may write the same note at once; whoever is late finds it written.
        bool isWritten = false;
        while (!isWritten)
        {
            ControlDocument? note = await control.ReadAsync(Kind, Key, cancellationToken);
            isWritten = note?.Content.AsSpan().SequenceEqual(content) == true
                || await control.TryWriteAsync(Kind, Key, note?.Version ?? 0, content, cancellationToken);
        }
    }
}
