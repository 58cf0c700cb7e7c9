namespace OrleansSegments.ClusterTests.Runtime;

/// <summary>The time as a process finds it that was down until then.</summary>
internal sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
