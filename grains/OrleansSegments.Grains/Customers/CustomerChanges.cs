using OrleansSegments.Grains.Catalogues;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>Builds the change that moves a customer to new features, or to the present with unchanged ones.</summary>
internal static class CustomerChanges
{
    /// <param name="before">The customer's standing before the change.</param>
    /// <param name="recorded">The features of <paramref name="before"/>.</param>
    /// <param name="state">The new features.</param>
    /// <param name="moved">True when the segment changes or the customer is new.</param>
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

/// <summary>What all customer grains of a silo share: one reference per grain instead of nine, times a million grains.</summary>
public sealed record CustomerServices(
    ICustomerStore Store,
    CustomerEvaluator Evaluator,
    ModelCache Models,
    DirectDoor Door,
    StateMemory States,
    SegmentsMetrics Metrics,
    EventReporter Reporter,
    MessageMemory Messages,
    TimeProvider Clock);
