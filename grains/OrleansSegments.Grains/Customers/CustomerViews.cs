using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>Turns a record into what callers are told.</summary>
internal static class CustomerViews
{
    public static CustomerView Of(string customerId, CustomerRecord record, LiveModel model, CustomerServices services)
    {
        FeatureEngine features = services.Evaluator.Features;
        DateTimeOffset now = services.Clock.GetUtcNow();
        Span<double> natural = stackalloc double[features.Catalogue.FeatureCount];
        features.EvaluateNatural(record.State, now.ToUnixTimeMilliseconds(), natural);
        var values = new Dictionary<string, double>(natural.Length);
        for (int i = 0; i < natural.Length; i++)
        {
            // A feature nothing is known about has no value; leaving it out says so, and JSON has no NaN.
            if (double.IsFinite(natural[i]))
            {
                values[features.Catalogue.Features[i].Name] = natural[i];
            }
        }

        return new CustomerView(
            customerId,
            MembershipOf(record, model),
            now,
            DateTimeOffset.FromUnixTimeMilliseconds(FeatureEngine.FirstEventAt(record.State)),
            DateTimeOffset.FromUnixTimeMilliseconds(FeatureEngine.LastEventAt(record.State)),
            FeatureEngine.EventCount(record.State),
            values,
            FeatureEngine.ReadTraits(record.State));
    }

    public static MembershipView MembershipOf(CustomerRecord record, LiveModel model) => new(
        SegmentKey.Of(record.SegmentId),
        model.NameOf(record.SegmentId),
        DateTimeOffset.FromUnixTimeMilliseconds(record.SegmentSinceMilliseconds),
        Math.Max(record.ModelVersion, model.VersionOf(record.SegmentId)));
}
