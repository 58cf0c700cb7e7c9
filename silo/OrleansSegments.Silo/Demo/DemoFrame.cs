using System.Diagnostics;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Silo.Summaries;

namespace OrleansSegments.Silo.Demo;

/// <summary>What a view shows at one moment.</summary>
internal sealed record DemoFrame(
    DateTimeOffset Clock,
    double EventsPerSecond,
    double LatencyMsP50,
    double LatencyMsP99,
    double TransitionsPerSecond,
    SegmentCensus Census,
    RolloutProgress Rollout,
    string LastTraining)
{
    /// <summary>Reads the present; rates are since the previous frame.</summary>
    public static async Task<DemoFrame> ReadAsync(DemoStage stage, DemoMark previous, DemoMark now) => new(
        stage.Clock.GetUtcNow(),
        previous.RateTo(now, m => m.Events),
        stage.Pipeline.LatencyMilliseconds(50),
        stage.Pipeline.LatencyMilliseconds(99),
        previous.RateTo(now, m => m.Transitions),
        await SegmentTable.ReadAsync(stage.Host.Grains),
        await stage.Host.Grains.GetGrain<IModelGrain>(0).Rollout(),
        stage.LastTraining);
}

/// <summary>Counters at a moment, to take rates between two of them.</summary>
internal readonly record struct DemoMark(long At, long Events, long Transitions)
{
    public static DemoMark Take(DemoStage stage) => new(Stopwatch.GetTimestamp(), stage.Pipeline.Accepted, stage.Host.TransitionsCommitted);

    public TimeSpan Age => Stopwatch.GetElapsedTime(At);

    public double RateTo(DemoMark later, Func<DemoMark, long> counter) =>
        (counter(later) - counter(this)) / Math.Max(1e-3, Stopwatch.GetElapsedTime(At, later.At).TotalSeconds);
}
