using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Events;

/// <summary>Owns the tracking plan: what properties events must have. Key: 0.</summary>
[Alias("tracking-plan-grain")]
public interface ITrackingPlanGrain : IGrainWithIntegerKey
{
    /// <summary>The plan in force; its text is empty when there is none.</summary>
    [AlwaysInterleave, Alias("get")]
    ValueTask<TrackingPlan> Get();

    /// <summary>
    /// Replaces the plan; an empty text removes it. It is in force on this grain's silo on return, on other silos within two seconds.
    /// </summary>
    [Alias("put")]
    Task<TrackingPlanReceipt> Put(string json);
}

/// <summary>A tracking plan: JSON Schemas of properties by event name, and of traits.</summary>
/// <param name="Version">Grows by one with every change.</param>
/// <param name="Json">As it was sent; empty for none.</param>
[GenerateSerializer, Immutable, Alias("tracking-plan")]
public sealed record TrackingPlan([property: Id(0)] int Version, [property: Id(1)] string Json);

/// <param name="Plan">The plan now in force.</param>
/// <param name="Problem">Why the new one was not taken; null when it was.</param>
[GenerateSerializer, Immutable, Alias("tracking-plan-receipt")]
public sealed record TrackingPlanReceipt([property: Id(0)] TrackingPlan Plan, [property: Id(1)] string? Problem);
