using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.RuntimeTests.Grains;

/// <summary>A plain grain that reports on itself to the probe.</summary>
[Alias("test-probe")]
public interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>An id that differs from activation to activation.</summary>
    [Alias("instance")]
    Task<Guid> Instance();

    /// <summary>Notes its arrival as "arrived:key", then waits at the gate and notes "left:key".</summary>
    [Alias("wait")]
    Task Wait(string gate);

    [AlwaysInterleave, Alias("wait-interleaved")]
    Task WaitInterleaved(string gate);

    [ReadOnly, Alias("wait-reading")]
    Task WaitReading(string gate);

    [OneWay, Alias("wait-one-way")]
    Task WaitOneWay(string gate);

    [OneWay, Alias("fail-one-way")]
    Task FailOneWay();

    [ResponseTimeout("00:00:05"), Alias("wait-shortly")]
    Task WaitShortly(string gate);

    /// <summary>Waits at the gate unless cancelled, and notes "cancelled:key" then.</summary>
    [Alias("wait-cancellable")]
    Task WaitCancellable(string gate, CancellationToken cancellationToken);

    [Alias("fail-at-once")]
    Task FailAtOnce(string message);

    [Alias("fail-later")]
    Task<int> FailLater(string message);

    [Alias("conflict")]
    Task Conflict();

    [Alias("deactivate")]
    Task Deactivate();

    [Alias("delay-deactivation")]
    Task DelayDeactivation(TimeSpan time);

    /// <summary>Yields many times between reading and writing a counter, and returns it.</summary>
    [Alias("count-slowly")]
    Task<int> CountSlowly();

    /// <summary>Calls this method of the grain with the next number until it is zero, and returns how many grains took part.</summary>
    [Alias("chain")]
    Task<int> Chain(int left);

    /// <summary>Calls itself through a reference, which waits for itself without end.</summary>
    [Alias("call-itself")]
    Task CallItself();
}
