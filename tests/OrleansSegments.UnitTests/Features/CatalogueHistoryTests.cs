using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class CatalogueHistoryTests
{
    private const long T1 = TestEvent.Start;
    private const long T2 = TestEvent.Start + TestEvent.Day;
    private const string NightShare = """
        {"name": "night_share", "kind": "behavioural", "aggregation": "share", "events": ["*"], "match": {"hours": [0, 5]}, "halfLifeDays": 60,
         "prior": {"weight": 3, "mean": 0.25}, "weight": 0.5, "unit": "share", "high": "night owls", "low": "asleep at night"}
        """;

    private static readonly FeatureCatalogue First = FeatureCatalogue.Default;

    /// <summary>
    /// The event count below the new share is already collected, for evening_share. Divided by it, every customer would have a share of 0 at night
    /// on the day after the change.
    /// </summary>
    [Fact]
    public void A_new_share_of_events_that_are_already_counted_begins_at_its_prior_and_not_at_zero()
    {
        var history = Adopt(First, Edit(features => features.Add(JsonNode.Parse(NightShare))));
        var customer = CustomerOf(First, out var at);

        var upgraded = Under(history, customer);

        Assert.Equal(0.25, upgraded.Natural("night_share", at), 12);
        Assert.Equal(customer.Natural("evening_share", at), upgraded.Natural("evening_share", at));
        Assert.Equal([("night_share", T1)], SinceOf(history));
    }

    [Fact]
    public void A_feature_that_returns_begins_empty_even_in_a_state_that_was_not_written_meanwhile()
    {
        var customer = CustomerOf(First, out var at);
        var history = Adopt(First, Edit(features => Remove(features, "orders_14d")), First);

        var upgraded = Under(history, customer);

        Assert.NotEqual(0, customer.Natural("orders_14d", at));
        Assert.Equal(0, upgraded.Natural("orders_14d", at));
        Assert.Equal([("orders_14d", T2)], SinceOf(history));
        Assert.Equal(customer.Traits, upgraded.Traits);
        AssertEqualBut(["orders_14d"], customer, upgraded, at);
    }

    [Fact]
    public void A_state_that_is_upgraded_step_by_step_is_the_same_to_the_bit_as_one_that_is_upgraded_once()
    {
        FeatureCatalogue[] steps =
        [
            First,
            Edit(features => features.Add(JsonNode.Parse(NightShare))),
            Edit(features => Remove(features, "orders_14d", "return_ratio")),
            Edit(features => Find(features, "searches_30d")["halfLifeDays"] = 31),
            First,
        ];
        var customer = CustomerOf(First, out _);
        var stepwise = customer.State;
        for (var step = 2; step <= steps.Length; step++)
        {
            stepwise = new StateUpgrade(Adopt(steps[..step])).Upgrade(stepwise);
        }

        Assert.Equal(new StateUpgrade(Adopt(steps)).Upgrade(customer.State), stepwise);
        Assert.Same(stepwise, new StateUpgrade(Adopt(steps)).Upgrade(stepwise));
        Assert.Empty(new StateUpgrade(Adopt(steps)).Upgrade([]));
    }

    [Fact]
    public void Renamed_and_weighted_features_keep_what_they_collected_and_a_changed_one_begins_empty()
    {
        var next = Edit(features =>
        {
            Find(features, "orders_14d")["name"] = "orders_fortnight";
            Find(features, "return_ratio")["weight"] = 0.1;
            Find(features, "searches_30d")["halfLifeDays"] = 31;
            Remove(features, "reviews_90d");
        });
        var history = Adopt(First, next);
        var customer = CustomerOf(First, out var at);
        var upgraded = Under(history, customer);

        Assert.Equal(customer.Natural("orders_14d", at), upgraded.Natural("orders_fortnight", at));
        Assert.Equal([("searches_30d", T1)], SinceOf(history));
        var changes = CatalogueComparison.Of(First, history.Current!);
        Assert.Equal([new("orders_fortnight", BeginsEmpty: false)], changes.New);
        Assert.Equal([new("searches_30d", BeginsEmpty: true), new("return_ratio", BeginsEmpty: false)], changes.Changed.OrderByDescending(x => x.BeginsEmpty));
        Assert.Equal(["orders_14d", "reviews_90d"], changes.Removed);
        Assert.Equal(First.FeatureCount - 4, changes.Kept.Count);
    }

    [Fact]
    public void The_document_holds_everything_and_adopting_the_same_catalogue_again_changes_nothing()
    {
        var history = Adopt(First, Edit(features => features.Add(JsonNode.Parse(NightShare))));

        var read = CatalogueHistory.Read(history.Write());

        Assert.Equal((history.Current!.Hash, history.Current.LayoutHash), (read.Current!.Hash, read.Current.LayoutHash));
        Assert.Equal(SinceOf(history), SinceOf(read));
        Assert.Equal(First.Hash, Assert.Single(read.Earlier).Hash);
        Assert.Same(read, read.Adopt(FeatureCatalogue.Load(history.Current.Json), T2));
        Assert.True(read.IsSuperseded(First));
        Assert.False(read.IsSuperseded(history.Current));
        Assert.False(read.IsSuperseded(Edit(features => Remove(features, "reviews_90d"))));
    }

    [Fact]
    public void In_a_store_without_customers_everything_begins_with_the_store() =>
        Assert.Empty(SinceOf(CatalogueHistory.None.Adopt(First, 0).Adopt(Edit(features => features.Add(JsonNode.Parse(NightShare))), 0)));

    [Fact]
    public void A_state_of_a_catalogue_that_the_store_does_not_know_is_refused()
    {
        var customer = CustomerOf(First, out _);
        var upgrade = new StateUpgrade(Adopt(Edit(features => Remove(features, "reviews_90d"))));
        Assert.Throws<StateLayoutException>(() => upgrade.Upgrade(customer.State));
        Assert.Throws<StateLayoutException>(() => upgrade.Upgrade([7]));
    }

    [Fact]
    public void Both_states_of_an_id_that_was_merged_away_are_upgraded()
    {
        var customer = CustomerOf(First, out _);
        var upgrade = new StateUpgrade(Adopt(First, Edit(features => Remove(features, "orders_14d"))));
        var merged = new MergedAway([new AliasOwner("owner", T1)], "owner", customer.State, []);

        var upgraded = upgrade.Upgrade(merged.Write());

        var read = MergedAway.Read(upgraded);
        Assert.Equal(upgrade.Upgrade(customer.State), read.State);
        Assert.Empty(read.OwnerBefore);
        Assert.Equal(merged.Owners, read.Owners);
        Assert.Same(upgraded, upgrade.Upgrade(upgraded));
        Assert.Equal(upgrade.Upgrade(customer.State), MergedAway.Read(upgrade.Upgrade((merged with { State = [], OwnerBefore = customer.State }).Write())).OwnerBefore);
    }

    internal static FeatureCatalogue Edit(Action<JsonArray> edit)
    {
        var text = JsonNode.Parse(FeatureCatalogue.DefaultJson())!;
        edit(text["features"]!.AsArray());
        return FeatureCatalogue.Load(Encoding.UTF8.GetBytes(text.ToJsonString()));
    }

    internal static void Remove(JsonArray features, params string[] names)
    {
        foreach (var name in names)
        {
            features.Remove(Find(features, name));
        }
    }

    internal static JsonNode Find(JsonArray features, string name) => features.Single(x => (string?)x!["name"] == name)!;

    /// <summary>Catalogues that follow each other on a store with customers: the second at T1, the third at T2.</summary>
    internal static CatalogueHistory Adopt(params FeatureCatalogue[] catalogues) =>
        catalogues.Index().Aggregate(CatalogueHistory.None, (history, x) => history.Adopt(x.Item, T1 + ((x.Index - 1) * TestEvent.Day)));

    private static CustomerUnderTest CustomerOf(FeatureCatalogue catalogue, out long at)
    {
        var events = RandomHistory.Make(new Random(4), 60);
        at = events[^1].At + TestEvent.Day;
        return new CustomerUnderTest(catalogue).Receive(events);
    }

    private static CustomerUnderTest Under(CatalogueHistory history, CustomerUnderTest customer) =>
        new(history.Current!) { State = new StateUpgrade(history).Upgrade(customer.State), Spilled = customer.Spilled };

    private static (string, long)[] SinceOf(CatalogueHistory history) =>
        [.. history.Current!.Features.Where(x => x.SinceMilliseconds > 0).Select(x => (x.Name, x.SinceMilliseconds))];

    private static void AssertEqualBut(string[] names, CustomerUnderTest expected, CustomerUnderTest actual, long at) => Assert.All(
        First.Features.Select(x => x.Name).Except(names), name => Assert.Equal(expected.Natural(name, at), actual.Natural(name, at)));
}
