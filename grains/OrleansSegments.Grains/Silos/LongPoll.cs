namespace OrleansSegments.Grains.Silos;

/// <summary>A question that its grain answers when there is something to say, or after a while without an answer.</summary>
internal static class LongPoll
{
    /// <summary>Between two questions that are both answered at once.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits before the next question when the answer was nothing and came at once: a grain whose silo stops lets nobody wait, and would be
    /// asked again and again for as long as the silo drains.
    /// </summary>
    /// <param name="askedAt">A time stamp of <paramref name="clock"/>.</param>
    public static Task PauseIfEarlyAsync(TimeProvider clock, long askedAt, CancellationToken cancellationToken) =>
        clock.GetElapsedTime(askedAt) < Pause ? Task.Delay(Pause, clock, cancellationToken) : Task.CompletedTask;
}
