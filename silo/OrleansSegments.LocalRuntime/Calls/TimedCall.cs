namespace OrleansSegments.LocalRuntime.Calls;

/// <summary>A call whose caller waits. The links belong to the <see cref="CallDeadlines"/> shard it is in and are guarded by its lock.</summary>
internal abstract class TimedCall
{
    public TimedCall? Previous { get; set; }

    public TimedCall? Next { get; set; }

    /// <summary>The shard, or -1 when no deadline runs.</summary>
    public int Shard { get; set; } = -1;

    /// <summary>In milliseconds of the silo's coarse clock.</summary>
    public long DueAt { get; set; }

    public abstract void TimeOut();

    public abstract void Fail(Exception error);
}
