using Orleans;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A grain with a timer; each tick notes "tick:key".</summary>
[Alias("test-timer")]
public interface ITimerGrain : IGrainWithStringKey
{
    [Alias("start")]
    Task Start(TimeSpan dueTime, TimeSpan period, bool interleave);

    [Alias("change")]
    Task Change(TimeSpan dueTime, TimeSpan period);

    [Alias("stop")]
    Task Stop();

    [Alias("wait")]
    Task Wait(string gate);

    [Alias("deactivate")]
    Task Deactivate();
}
