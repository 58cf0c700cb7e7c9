using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>Makes the change that takes a customer to new features, or to the present with the old ones.</summary>
internal static class CustomerChanges
{
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
        CustomerPlacement placement = services.Evaluator.Place(model, in before, recorded, state, now);
        long? dueAt = services.Evaluator.LookAgainAt(model, placement, state, now);
        moved = !before.Exists || before.SegmentId != placement.SegmentId;
        bool byModel = moved && before.Exists && cause == TransitionCause.Event
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
}

/// <summary>What every customer grain of a silo shares; one reference in the grain instead of nine, times a million.</summary>
public sealed record CustomerServices(
    ICustomerStore Store,
    CustomerEvaluator Evaluator,
    ModelCache Models,
    DirectDoor Door,
    StateMemory States,
    SegmentsMetrics Metrics,
    MessageMemory Messages,
    TimeProvider Clock);
