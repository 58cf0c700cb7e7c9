namespace OrleansSegments.Benchmarks.Store;

/// <summary>Something to measure and what it runs on; ends with both gone.</summary>
internal sealed class Served<T>(T contestant, Func<ValueTask> cleanUp) : IAsyncDisposable
    where T : IAsyncDisposable
{
    public T Contestant => contestant;

    public async ValueTask DisposeAsync()
    {
        await contestant.DisposeAsync();
        await cleanUp();
    }
}
