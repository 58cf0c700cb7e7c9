using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Time;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Puts the engine's answers together for one customer: where does it belong at a moment, and when will time alone move it.
/// Hysteresis measures from the segment that was effective at the start of the current hour (the settled segment), not from the one
/// before the last event; so the events of an hour may arrive in any order and still end in the same segment.
/// </summary>
public sealed class CustomerEvaluator(FeatureEngine features)
{
    /// <summary>How long a segment stays the reference of hysteresis.</summary>
    public const long SettlementMilliseconds = 3_600_000;

    public FeatureEngine Features { get; } = features;

    /// <summary>Where a customer belongs at a moment.</summary>
    /// <param name="record">The last record; null for a customer without one.</param>
    /// <param name="state">The features as they are now, later than those of the record when events came in.</param>
    public CustomerPlacement Place(LiveModel model, CustomerRecord? record, ReadOnlySpan<byte> state, long nowMilliseconds) =>
        Place(model, CustomerStanding.Of(record), record is null ? [] : record.State, state, nowMilliseconds);

    /// <param name="standing">The last record's.</param>
    /// <param name="recorded">The last record's features.</param>
    /// <param name="state">The features as they are now.</param>
    /// <inheritdoc cref="Place(LiveModel, CustomerRecord?, ReadOnlySpan{byte}, long)"/>
    public CustomerPlacement Place(
        LiveModel model, in CustomerStanding standing, ReadOnlySpan<byte> recorded, ReadOnlySpan<byte> state, long nowMilliseconds)
    {
        int hour = HourOf(nowMilliseconds);
        int settled = Settled(model, in standing, recorded, hour);
        Span<float> scaled = stackalloc float[model.Dimensions];
        Scale(model, state, nowMilliseconds, scaled);
        SegmentDecision decision = model.Classifier.Decide(scaled, settled);
        return new CustomerPlacement(decision.SegmentId, decision.NearestSegmentId, settled, hour);
    }

    /// <summary>When the passing of time alone will change the placement, Unix milliseconds; null if not within the horizon.</summary>
    public long? DueAt(LiveModel model, CustomerPlacement placement, ReadOnlySpan<byte> state, long nowMilliseconds)
    {
        if (model.SegmentCount < 2)
        {
            return null;
        }

        return CrossingTime.Next(Features, state, nowMilliseconds, placement.SegmentId, placement.SettledSegmentId, new ModelDecision(model));
    }

    /// <summary>
    /// When the customer must be looked at again though nothing happens, Unix milliseconds: when it is due, or at the end of the horizon that
    /// the search for it has. Null while there is only one segment to be in.
    /// </summary>
    public long? LookAgainAt(LiveModel model, CustomerPlacement placement, ReadOnlySpan<byte> state, long nowMilliseconds) =>
        model.SegmentCount < 2 ? null : DueAt(model, placement, state, nowMilliseconds) ?? nowMilliseconds + CrossingTime.HorizonMilliseconds;

    /// <summary>The scaled vector of a state at a moment, D values.</summary>
    public void Scale(LiveModel model, ReadOnlySpan<byte> state, long atMilliseconds, Span<float> scaled)
    {
        Span<double> values = stackalloc double[model.Dimensions];
        Features.Evaluate(state, atMilliseconds, values);
        model.Model.Scaling.Apply(values, scaled);
    }

    private static int HourOf(long milliseconds) => (int)Math.DivRem(milliseconds, SettlementMilliseconds).Quotient;

    /// <summary>
    /// None for the rest of the hour in which a customer is new to the model: hysteresis would measure from wherever its first batch ended.
    /// A later hour is settled as <see cref="CrossingTime"/> looks ahead: first the hour after the record's, from its settled segment, and from
    /// there onwards; one step over both could fall back into a segment that was left. A model that came after the record found the
    /// customer in the record's segment.
    /// </summary>
    private int Settled(LiveModel model, in CustomerStanding standing, ReadOnlySpan<byte> recorded, int hour)
    {
        if (!standing.Exists)
        {
            return SegmentClassifier.NoSegment;
        }

        int settled = model.Holds(standing.SettledSegmentId) ? standing.SettledSegmentId : SegmentClassifier.NoSegment;
        if (standing.SettledHour >= hour)
        {
            return settled;
        }

        if (standing.ModelVersion != model.Version)
        {
            return SegmentAt(model, recorded, hour, standing.SegmentId);
        }

        int first = SegmentAt(model, recorded, standing.SettledHour + 1, settled);
        return standing.SettledHour + 1 == hour ? first : SegmentAt(model, recorded, hour, first);
    }

    private int SegmentAt(LiveModel model, ReadOnlySpan<byte> recorded, int hour, int reference)
    {
        Span<float> scaled = stackalloc float[model.Dimensions];
        Scale(model, recorded, hour * SettlementMilliseconds, scaled);
        return model.Classifier.Decide(scaled, reference).SegmentId;
    }
}

/// <summary>Where a customer belongs at a moment, and what hysteresis measured from.</summary>
/// <param name="SegmentId">The effective segment.</param>
/// <param name="NearestSegmentId">The nearest one, without hysteresis.</param>
/// <param name="SettledSegmentId">The reference of hysteresis for the rest of the hour; <see cref="Engine.Models.SegmentClassifier.NoSegment"/> while the customer is new to the model.</param>
/// <param name="SettledHour">That hour, in Unix hours.</param>
public readonly record struct CustomerPlacement(int SegmentId, int NearestSegmentId, int SettledSegmentId, int SettledHour);

/// <summary>
/// What is known of a customer beside the encoded state: the numbers of a <see cref="CustomerRecord"/>, which says what each means. A value, so
/// that a grain holds it without an object. The default is a customer without a record.
/// </summary>
public readonly record struct CustomerStanding(
    long Version, int SegmentId, int ModelVersion, long SegmentSinceMilliseconds, int SettledSegmentId, int SettledHour)
{
    /// <summary>Whether there is a record.</summary>
    public bool Exists => Version > 0;

    /// <summary>True for a record that counts in no segment: the id was merged into another customer.</summary>
    public bool IsOutside => Exists && SegmentId == CustomerRecord.OutsideSegmentId;

    public static CustomerStanding Of(CustomerRecord? record) => record is null
        ? default
        : new(record.Version, record.SegmentId, record.ModelVersion, record.SegmentSinceMilliseconds, record.SettledSegmentId, record.SettledHour);

    /// <summary>The record with this standing and a state that nobody changes any more.</summary>
    public CustomerRecord With(byte[] state) =>
        new(Version, SegmentId, ModelVersion, SegmentSinceMilliseconds, SettledSegmentId, SettledHour, state);
}

/// <summary>Lets the crossing search ask a model where a vector belongs.</summary>
internal readonly struct ModelDecision(LiveModel model) : ISegmentDecision
{
    public SegmentLanes? Lanes => model.Classifier.Lanes;

    public int Decide(ReadOnlySpan<double> values, int referenceSegment)
    {
        Span<float> scaled = stackalloc float[model.Dimensions];
        model.Model.Scaling.Apply(values, scaled);
        return model.Classifier.Decide(scaled, referenceSegment).SegmentId;
    }
}
