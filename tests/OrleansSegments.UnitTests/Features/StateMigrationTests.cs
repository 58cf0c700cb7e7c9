using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class StateMigrationTests
{
    private static readonly FeatureCatalogue Old = FeatureCatalogue.Default;
    private static readonly FeatureCatalogue New = FeatureCatalogueTests.Variant("\"halfLifeDays\": 14", "\"halfLifeDays\": 15");

    [Fact]
    public void What_both_catalogues_aggregate_alike_is_kept_and_the_rest_starts_empty()
    {
        var history = RandomHistory.Make(new Random(4), 60);
        var before = new CustomerUnderTest(Old).Receive(history);
        var after = new CustomerUnderTest(New) { State = new StateMigration(Old, New).Migrate(before.State), Spilled = before.Spilled };

        var at = history[^1].At + TestEvent.Day;
        var changed = Old.IndexOf("orders_14d");
        var (expected, actual) = (before.Values(at), after.Values(at));
        Assert.NotEqual(0, expected[changed]);
        expected[changed] = 0;
        Assert.Equal(expected, actual);
        Assert.Equal(before.Traits, after.Traits);
        after.Receive(history);
        Assert.Equal(history.Count, after.Duplicates);
    }

    [Fact]
    public void A_state_or_facts_of_another_layout_are_refused()
    {
        var history = RandomHistory.Make(new Random(4), 5);
        var old = new CustomerUnderTest(Old).Receive(history);
        var engine = new FeatureEngine(New);
        Assert.False(engine.CanRead(old.State));
        Assert.False(engine.CanReadFacts(old.Facts(history)));
        Assert.True(engine.CanRead([]) && engine.CanReadFacts([]));
        Assert.Throws<StateLayoutException>(() => engine.Apply(old.State, [], default, []));
        Assert.Throws<StateLayoutException>(() => engine.Apply([], old.Facts(history), default, []));
        Assert.Throws<StateLayoutException>(() => engine.Evaluate(old.State, 0, new double[engine.FeatureCount]));
    }
}
