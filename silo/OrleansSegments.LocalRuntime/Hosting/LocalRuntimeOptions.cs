using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace OrleansSegments.LocalRuntime;

/// <summary>The limits of the local runtime, all checked at start. <see cref="Timeout.InfiniteTimeSpan"/> turns an age or a timeout off.</summary>
public sealed class LocalRuntimeOptions
{
    /// <summary>Calls that may wait for one grain; one more is refused with <see cref="Orleans.Runtime.LimitExceededException"/>.</summary>
    [Range(1, 1_000_000)]
    public int MailboxCallsMax { get; set; } = 10_000;

    /// <summary>Inline calls that may be nested on one thread's stack; deeper ones are queued. Zero queues every call.</summary>
    [Range(0, 256)]
    public int InlineDepthMax { get; set; } = 32;

    /// <summary>How long a caller waits unless the method says otherwise.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often deadlines of calls are looked at, so how much later than its timeout a call may fail.</summary>
    public TimeSpan DeadlineSweepPeriod { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an activation may be idle unless its class says otherwise.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for.</summary>
    public TimeSpan CollectionSweepPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Activations that one sweep may end; the next sweep goes on.</summary>
    [Range(1, 10_000_000)]
    public int CollectionsPerSweepMax { get; set; } = 100_000;

    /// <summary>How long a deactivation hook may take.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a graceful stop may take in all; what has not deactivated by then is dropped.</summary>
    public TimeSpan ShutdownDeadline { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Deactivation hooks in progress at the same time during a stop.</summary>
    [Range(1, 100_000)]
    public int ShutdownConcurrencyMax { get; set; } = 1_024;

    /// <summary>The shortest period of a reminder.</summary>
    public TimeSpan ReminderPeriodMin { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How stored state is written as JSON.</summary>
    public JsonSerializerOptions StateJson { get; set; } = new();

    /// <summary>Where grain classes are looked for.</summary>
    public IList<Assembly> GrainAssemblies { get; } = [];

    /// <summary>See <see cref="HandThrough"/>.</summary>
    internal HashSet<(Type Interface, string Method)> HandedThrough { get; } = [];

    /// <summary>
    /// Gives the caller the very value that an interleaving method of this grain returns, when it is not complete at the end of the call's turn:
    /// for methods whose answer comes from elsewhere and needs no more of the grain. Such an answer has no response timeout, and the
    /// activation does not wait for it when it ends. A call that had to queue is treated like any other.
    /// </summary>
    public LocalRuntimeOptions HandThrough(Type grainInterface, string method)
    {
        HandedThrough.Add((grainInterface, method));
        return this;
    }

    public LocalRuntimeOptions AddGrainAssembly(Assembly assembly)
    {
        GrainAssemblies.Add(assembly);
        return this;
    }
}
