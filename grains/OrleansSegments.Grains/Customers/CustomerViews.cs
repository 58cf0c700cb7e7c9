using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Explanation;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Grains.Changes;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>Converts a record to the contract's views.</summary>
internal static class CustomerViews
{
    /// <summary>The customer now, or the one whose alias the id is; null when nothing is known of it.</summary>
    public static async ValueTask<CustomerView?> ViewAsync(this CustomerGrain grain)
    {
        (CustomerRecord? record, LiveModel model) = await grain.RefreshAsync();
        return record is null ? null
            : record.IsInPopulation ? Of(grain.CustomerId, record, model, grain.Services)
            : grain.Services.OwnerOf(record) is { } owner ? await owner.View() : null;
    }

    /// <summary>Why the customer is in its segment, or the one whose alias the id is; null when nothing is known of it.</summary>
    public static async ValueTask<CustomerExplanation?> ExplainAsync(this CustomerGrain grain)
    {
        (CustomerRecord? record, LiveModel model) = await grain.RefreshAsync();
        return record is null ? null
            : record.IsInPopulation ? await CustomerExplanations.ReadAsync(grain.CustomerId, record, model, grain.Services)
            : grain.Services.OwnerOf(record) is { } owner ? await owner.Explain() : null;
    }

    public static async ValueTask<TransitionView[]> HistoryAsync(this CustomerServices services, string customerId, int limit)
    {
        IReadOnlyList<Transition> transitions = await services.Store.ReadHistoryAsync(customerId, limit, CancellationToken.None);
        return [.. transitions.Select(TransitionViews.Of)];
    }

    public static CustomerView Of(string customerId, CustomerRecord record, LiveModel model, CustomerServices services)
    {
        FeatureEngine features = services.Evaluator.Features;
        DateTimeOffset now = services.Clock.GetUtcNow();
        Span<double> natural = stackalloc double[features.Catalogue.FeatureCount];
        features.EvaluateNatural(record.State, now.ToUnixTimeMilliseconds(), natural);
        var values = new Dictionary<string, double>(natural.Length);
        for (int i = 0; i < natural.Length; i++)
        {
            // A feature without a value is left out, because JSON has no NaN.
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
            FeatureEngine.ReadTraits(record.State),
            [
                .. AliasList.Read(FeatureEngine.AliasesOf(record.State)).Select(static alias => new AliasView(
                    alias.Id, DateTimeOffset.FromUnixTimeMilliseconds(alias.SinceMilliseconds), alias.Phase.ToString().ToLowerInvariant())),
            ]);
    }

    public static MembershipView MembershipOf(CustomerRecord record, LiveModel model) => new(
        SegmentKey.Of(record.SegmentId),
        model.NameOf(record.SegmentId),
        DateTimeOffset.FromUnixTimeMilliseconds(record.SegmentSinceMilliseconds),
        Math.Max(record.ModelVersion, model.VersionOf(record.SegmentId)));
}

/// <summary>Converts the engine's explanation to the contract's view, in natural units.</summary>
internal static class CustomerExplanations
{
    public static async ValueTask<CustomerExplanation> ReadAsync(string customerId, CustomerRecord record, LiveModel model, CustomerServices services)
    {
        IReadOnlyList<Transition> last = await services.Store.ReadHistoryAsync(customerId, 1, CancellationToken.None);
        return Of(customerId, record, model, services, last.Count == 0 ? null : TransitionViews.Of(last[0]));
    }

    private static CustomerExplanation Of(
        string customerId, CustomerRecord record, LiveModel model, CustomerServices services, TransitionView? lastChange)
    {
        CustomerEvaluator evaluator = services.Evaluator;
        DateTimeOffset now = services.Clock.GetUtcNow();
        long at = now.ToUnixTimeMilliseconds();
        Span<float> scaled = stackalloc float[model.Dimensions];
        Span<double> natural = stackalloc double[model.Dimensions];
        evaluator.Scale(model, record.State, at, scaled);
        evaluator.Features.EvaluateNatural(record.State, at, natural);
        CustomerPlacement placement = evaluator.Place(model, record, record.State, at);
        SegmentExplanation explanation = SegmentExplanation.Of(model.Model, scaled, placement.SettledSegmentId);
        long? dueAt = evaluator.DueAt(model, placement, record.State, at);
        return new CustomerExplanation(
            customerId,
            now,
            CustomerViews.MembershipOf(record, model),
            SegmentKey.Of(explanation.NearestSegmentId),
            explanation.RunnerUpSegmentId is { } runnerUp ? SegmentKey.Of(runnerUp) : null,
            explanation.Margin,
            model.Model.HysteresisMargin,
            [.. explanation.Distances.Select(d => new Contracts.Customers.SegmentDistance(SegmentKey.Of(d.SegmentId), d.Name, d.Distance))],
            Contributions(explanation, evaluator.Features.Catalogue, natural.ToArray()),
            lastChange,
            dueAt is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null);
    }

    private static Contracts.Customers.FeatureContribution[] Contributions(
        SegmentExplanation explanation, FeatureCatalogue catalogue, double[] natural) =>
    [
        .. explanation.Contributions.Select(c =>
        {
            int index = catalogue.IndexOf(c.Feature);
            Transform transform = catalogue.Features[index].Transform;
            return new Contracts.Customers.FeatureContribution(
                c.Feature,
                double.IsFinite(natural[index]) ? natural[index] : Undo(transform, c.Value),
                c.Scaled,
                Undo(transform, c.OwnCentre),
                Undo(transform, c.RunnerUpCentre),
                c.Contribution);
        }),
    ];

    private static double Undo(Transform transform, double value) => transform switch
    {
        Transform.Log1p => Math.Exp(value) - 1,
        Transform.Sqrt => value * value,
        _ => value,
    };
}
