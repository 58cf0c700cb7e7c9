using System.Diagnostics;

namespace OrleansSegments.Storage.Merging;

/// <summary>
/// Spreads a merge over most of the time in which what it merges has gathered: it never takes all of a processor and ends before the next.
/// </summary>
/// <param name="StartedAt">A time stamp of <see cref="Stopwatch"/>.</param>
/// <param name="Age">How long what is merged has gathered.</param>
internal readonly record struct MergePace(long StartedAt, TimeSpan Age, int Rows)
{
    private const double TimeShare = 0.85;

    private static readonly TimeSpan WorthWaiting = TimeSpan.FromMilliseconds(1);

    /// <summary>How much sooner than planned so many rows are written; null when that is not worth a wait.</summary>
    public TimeSpan? Ahead(int rows) =>
        (Age * TimeShare * ((double)rows / Rows)) - Stopwatch.GetElapsedTime(StartedAt) is var ahead && ahead >= WorthWaiting ? ahead : null;
}
