using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Grains.TrackingPlans;

/// <summary>Owns the tracking plan. Key: 0. A crash loses nothing: a plan is persisted before it is in force.</summary>
public sealed class TrackingPlanGrain(
    [PersistentState("tracking-plan", "control")] IPersistentState<TrackingPlanState> state, PlanInForce inForce) : Grain, ITrackingPlanGrain
{
    public ValueTask<TrackingPlan> Get() => new(state.State.Plan);

    public async Task<TrackingPlanReceipt> Put(string json)
    {
        if (inForce.ProblemOf(json) is { } problem)
        {
            return new TrackingPlanReceipt(state.State.Plan, problem);
        }

        TrackingPlan former = state.State.Plan;
        state.State.Plan = new TrackingPlan(former.Version + 1, json);
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State.Plan = former;
            throw;
        }

        inForce.Take(state.State.Plan);
        return new TrackingPlanReceipt(state.State.Plan, null);
    }
}

/// <summary>Persistent state of the tracking plan.</summary>
public sealed class TrackingPlanState
{
    public TrackingPlan Plan { get; set; } = new(0, "");
}
