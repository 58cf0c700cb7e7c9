using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Engine.Models;
using OrleansSegments.Grains.Catalogues;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>Builds the change that moves a customer to new features, or to the present with unchanged ones.</summary>
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
            customerId, before.Exists ? before.SegmentId : null, record, dueAt, byModel ? TransitionCause.Model : cause, now)
        {
            Traits = services.Traits.Entries(known.Exists ? recorded : [], state),
        };
    }

    /// <summary>The change that takes a record out of the population, or changes what is kept of it there.</summary>
    /// <param name="recorded">What the record holds until now.</param>
    /// <param name="kept">What stands in place of the features from now on.</param>
    public static CustomerChange Outside(
        string customerId, in CustomerStanding before, ReadOnlySpan<byte> recorded, byte[] kept, TransitionCause cause, CustomerServices services)
    {
        long now = services.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var record = new CustomerRecord(
            before.Version + 1, CustomerRecord.OutsideSegmentId, services.Models.Current.Version, now, SegmentClassifier.NoSegment, 0, kept);
        return new CustomerChange(customerId, before.Exists ? before.SegmentId : null, record, DueAtMilliseconds: null, cause, now)
        {
            // Nobody outside the population is found by a trait.
            Traits = services.Traits.Entries(before.IsOutside ? [] : recorded, []),
        };
    }
}

/// <summary>Decides about a change of one customer in one step, under the lock of its grain; null leaves everything as it is.</summary>
/// <param name="state">The state with all changes; features, or what is kept of an id outside the population.</param>
internal delegate CustomerChange? ChangeDecision(in CustomerStanding standing, ReadOnlySpan<byte> state);

/// <summary>What every customer grain of a silo shares; one reference in the grain instead of ten, times a million.</summary>
public sealed record CustomerServices(
    ICustomerStore Store,
    CustomerEvaluator Evaluator,
    TraitIndex Traits,
    ModelCache Models,
    DirectDoor Door,
    StateMemory States,
    SegmentsMetrics Metrics,
    EventReporter Reporter,
    MessageMemory Messages,
    IGrainFactory Grains,
    TimeProvider Clock)
{
    /// <summary>Any customer, by its mailbox; any thread may ask.</summary>
    public ICustomerGrain ByMailbox(string customerId) => Grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId));
}
