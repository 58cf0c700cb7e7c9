using Orleans;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Engine.Models;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>Makes the change that takes a customer to new features, or to the present with the old ones.</summary>
internal static class CustomerChanges
{
    /// <summary>When a merge that could not be finished at once is tried again.</summary>
    private const long UnsettledRetryMilliseconds = 1_000;

    /// <param name="before">The standing that the change follows.</param>
    /// <param name="recorded">The features that go with it.</param>
    /// <param name="state">The features from now on.</param>
    /// <param name="moved">Whether the segment is another, or the customer is new.</param>
    public static CustomerChange Of(
        string customerId,
        in CustomerStanding before,
        ReadOnlySpan<byte> recorded,
        byte[] state,
        TransitionCause cause,
        CustomerServices services,
        out bool moved)
    {
        LiveModel model = services.Models.Current;
        long now = services.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        CustomerStanding known = before.IsOutside ? default : before;
        CustomerPlacement placement = services.Evaluator.Place(model, in known, known.Exists ? recorded : [], state, now);
        long? dueAt = AliasList.IsUnsettled(FeatureEngine.AliasesOf(state))
            ? now + UnsettledRetryMilliseconds
            : services.Evaluator.LookAgainAt(model, placement, state, now);
        moved = !known.Exists || known.SegmentId != placement.SegmentId;
        bool byModel = moved && known.Exists && cause == TransitionCause.Event
            && before.ModelVersion < model.Version && !model.RolloutComplete;
        var record = new CustomerRecord(
            before.Version + 1,
            placement.SegmentId,
            model.Version,
            moved ? now : before.SegmentSinceMilliseconds,
            placement.SettledSegmentId,
            placement.SettledHour,
            state);
        return new CustomerChange(
            customerId, before.Exists ? before.SegmentId : null, record, dueAt, byModel ? TransitionCause.Model : cause, now);
    }

    /// <summary>The change that takes a record out of the population.</summary>
    public static CustomerChange Outside(string customerId, in CustomerStanding before, StateChange change, CustomerServices services)
    {
        long now = services.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var record = new CustomerRecord(
            before.Version + 1, CustomerRecord.OutsideSegmentId, services.Models.Current.Version, now, SegmentClassifier.NoSegment, 0, change.State);
        return new CustomerChange(customerId, before.Exists ? before.SegmentId : null, record, DueAtMilliseconds: null, change.Cause, now);
    }
}

/// <summary>A change of a customer's state that is not made of events.</summary>
/// <param name="IsOutside">Takes the record out of the population; then the state holds no features.</param>
internal sealed record StateChange(byte[] State, TransitionCause Cause, bool IsOutside = false)
{
    /// <summary>Messages that the state no longer remembers.</summary>
    public SpilledMessage[] Spilled { get; init; } = [];
}

/// <summary>Decides about a change in one step, under the lock of the grain; null leaves everything as it is.</summary>
/// <param name="state">The state with all changes; features, or what is kept of an id outside the population.</param>
internal delegate StateChange? StateDecision(in CustomerStanding standing, ReadOnlySpan<byte> state);

/// <summary>What every customer grain of a silo shares; one reference in the grain instead of nine, times a million.</summary>
public sealed record CustomerServices(
    ICustomerStore Store,
    CustomerEvaluator Evaluator,
    ModelCache Models,
    DirectDoor Door,
    StateMemory States,
    SegmentsMetrics Metrics,
    MessageMemory Messages,
    IGrainFactory Grains,
    TimeProvider Clock);
