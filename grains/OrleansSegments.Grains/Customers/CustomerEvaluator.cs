using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Time;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Combines the engine's answers for one customer: which segment it belongs to at a moment, and when time alone will change that.
/// Hysteresis measures from the effective segment at the start of the current hour (the settled segment), not from the one before the last
/// event; so the events of an hour end in the same segment in whatever order they arrive.
/// </summary>
public sealed class CustomerEvaluator(FeatureEngine features)
{
    /// <summary>How long a settled segment stays the reference of hysteresis.</summary>
    public const long SettlementMilliseconds = 3_600_000;

    public FeatureEngine Features { get; } = features;

    /// <summary>Finds the segment of a customer at a moment.</summary>
    /// <param name="record">The last record; null for a new customer.</param>
    /// <param name="state">The current features, which include events later than the record.</param>
    public CustomerPlacement Place(LiveModel model, CustomerRecord? record, ReadOnlySpan<byte> state, long nowMilliseconds) =>
        Place(model, CustomerStanding.Of(record), record is null ? [] : record.State, state, nowMilliseconds);

    /// <param name="standing">The standing of the last record.</param>
    /// <param name="recorded">The features of the last record.</param>
    /// <param name="state">The current features.</param>
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

    /// <summary>When time alone will change the placement, Unix milliseconds; null when not within the horizon.</summary>
    public long? DueAt(LiveModel model, CustomerPlacement placement, ReadOnlySpan<byte> state, long nowMilliseconds)
    {
        if (model.SegmentCount < 2)
        {
            return null;
        }

        return CrossingTime.Next(Features, state, nowMilliseconds, placement.SegmentId, placement.SettledSegmentId, new ModelDecision(model));
    }

    /// <summary>
    /// When the customer must be evaluated again without an event, Unix milliseconds: at its deadline, or at the end of the search horizon.
    /// Null while there is only one segment.
    /// </summary>
    public long? LookAgainAt(LiveModel model, CustomerPlacement placement, ReadOnlySpan<byte> state, long nowMilliseconds) =>
        model.SegmentCount < 2 ? null : DueAt(model, placement, state, nowMilliseconds) ?? nowMilliseconds + CrossingTime.HorizonMilliseconds;

    /// <summary>Computes the scaled vector of a state at a moment, D values.</summary>
    public void Scale(LiveModel model, ReadOnlySpan<byte> state, long atMilliseconds, Span<float> scaled)
    {
        Span<double> values = stackalloc double[model.Dimensions];
        Features.Evaluate(state, atMilliseconds, values);
        model.Model.Scaling.Apply(values, scaled);
    }

    private static int HourOf(long milliseconds) => (int)Math.DivRem(milliseconds, SettlementMilliseconds).Quotient;

    /// <summary>
    /// No settled segment for the rest of the hour in which a customer is new to the model: hysteresis would depend on where its first
    /// batch ended. A later hour is settled in the same two steps that <see cref="CrossingTime"/> uses to look ahead: first the hour after
    /// the record's, from its settled segment, then from there on; a single step over both could return to a segment that was left. If the
    /// model is newer than the record, the record's segment is the reference.
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

/// <summary>A customer's placement at a moment, and the reference of hysteresis behind it.</summary>
/// <param name="SegmentId">The effective segment.</param>
/// <param name="NearestSegmentId">The nearest segment, without hysteresis.</param>
/// <param name="SettledSegmentId">The reference of hysteresis for the rest of the hour; <see
/// cref="Engine.Models.SegmentClassifier.NoSegment"/> while the customer is new to the model.</param>
/// <param name="SettledHour">The hour of <paramref name="SettledSegmentId"/>, in Unix hours.</param>
public readonly record struct CustomerPlacement(int SegmentId, int NearestSegmentId, int SettledSegmentId, int SettledHour);

/// <summary>
/// A customer's record without the encoded state; see <see cref="CustomerRecord"/> for the fields. A struct, so that a grain holds it
/// without an extra object. The default value is a customer without a record.
/// </summary>
public readonly record struct CustomerStanding(
    long Version, int SegmentId, int ModelVersion, long SegmentSinceMilliseconds, int SettledSegmentId, int SettledHour)
{
    /// <summary>True when there is a record.</summary>
    public bool Exists => Version > 0;

    /// <summary>True for a record that counts in no segment: the id was merged into another customer.</summary>
    public bool IsOutside => Exists && SegmentId == CustomerRecord.OutsideSegmentId;

    public static CustomerStanding Of(CustomerRecord? record) => record is null
        ? default
        : new(record.Version, record.SegmentId, record.ModelVersion, record.SegmentSinceMilliseconds, record.SettledSegmentId, record.SettledHour);

    /// <summary>The record with this standing and the given state, which nobody may change any more.</summary>
    public CustomerRecord With(byte[] state) =>
        new(Version, SegmentId, ModelVersion, SegmentSinceMilliseconds, SettledSegmentId, SettledHour, state);
}

/// <summary>Adapts a model to the crossing search, which asks it for the segment of a vector.</summary>
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
