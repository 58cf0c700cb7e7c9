namespace OrleansSegments.Grains.Segments;

/// <summary>
/// The result of a pass over the population, which reads everybody: concurrent callers share one pass, later ones its result while it
/// serves. For the turns of one grain; passes never overlap.
/// </summary>
/// <param name="ageMax">From a pass's start; afterwards the next caller starts another.</param>
/// <param name="serves">False for a result that is outdated whatever its age.</param>
internal sealed class SharedPass<T>(TimeSpan ageMax, TimeProvider clock, Func<Task<T>> compute, Predicate<T> serves)
{
    private Task<T>? _latest;
    private long _startedAt;

    public Task<T> ReadAsync()
    {
        bool isFresh = _latest is { IsFaulted: false, IsCanceled: false }
            && (!_latest.IsCompleted || (clock.GetElapsedTime(_startedAt) < ageMax && serves(_latest.Result)));
        if (!isFresh)
        {
            _startedAt = clock.GetTimestamp();
            _latest = compute();
        }

        return _latest!;
    }
}
