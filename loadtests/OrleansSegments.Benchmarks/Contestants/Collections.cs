namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>What the garbage collector did: collections of each generation (a higher one counts as the lower ones, too), its pauses, bytes allocated.</summary>
internal readonly record struct Collections(int Gen0, int Gen1, int Gen2, TimeSpan Pause, long AllocatedBytes)
{
    public static Collections Now() => new(
        GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());

    public Collections Since(Collections before) => new(
        Gen0 - before.Gen0, Gen1 - before.Gen1, Gen2 - before.Gen2, Pause - before.Pause, AllocatedBytes - before.AllocatedBytes);

    public override string ToString() => $"GC {Gen0}/{Gen1}/{Gen2}, {Pause.TotalMilliseconds:N0} ms paused, {AllocatedBytes / 1e6:N0} MB";
}
