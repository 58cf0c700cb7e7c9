using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>Two ids that turn out to be one customer give what all events in one state would have given; a merge can be undone.</summary>
public sealed class StateMergeTests
{
    private const int Rounds = 60;

    private static readonly FeatureEngine Engine = new(FeatureCatalogue.Default);
    private static readonly MessageWindow Window = MessageWindow.Of(TestEvent.Start, 24 * 60);

    [Fact]
    public void Merged_states_equal_one_that_had_all_events_from_the_beginning()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var history = RandomHistory.Make(random, random.Next(1, 60));
            var at = history[^1].At + random.Next(0, 50) * TestEvent.Day;
            var whole = new CustomerUnderTest().Receive(history);
            var (one, other) = Split(random, history);

            foreach (var merged in new[] { Merge(one, other), Merge(other, one) })
            {
                OrderIndependenceTests.AssertSame(whole.Values(at), merged.Values(at), $"seed {seed}");
                Assert.Equal(whole.Traits, merged.Traits);
                Assert.Equal(FeatureEngine.EventCount(whole.State), FeatureEngine.EventCount(merged.State));
                Assert.Equal(history.Count, merged.Receive(history).Duplicates);
            }
        }
    }

    [Fact]
    public void An_undone_merge_leaves_what_was_there_before_and_what_happened_since()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var history = RandomHistory.Make(random, random.Next(2, 60));
            var (owner, alias) = Split(random, history);
            var before = owner.State;
            var merged = Merge(owner, alias);
            var undone = new CustomerUnderTest { State = Engine.Unmerge(merged.State, alias.State, before) };
            Assert.Equal(owner.Values(history[^1].At), undone.Values(history[^1].At));
            Assert.Equal(owner.Traits, undone.Traits);

            var later = RandomHistory.Make(random, 10).Select(one => one with { Id = "later-" + one.Id, At = one.At + history[^1].At - TestEvent.Start }).ToArray();
            var expected = new CustomerUnderTest { State = before }.Receive(later);
            merged.Receive(later);
            merged.State = Engine.Unmerge(merged.State, alias.State, before);

            var at = later[^1].At + TestEvent.Day;
            foreach (var sum in FeatureCatalogue.Default.Features.Where(x => x.Aggregation is Aggregation.DecayedCount or Aggregation.DecayedSum))
            {
                var (left, right) = (expected.Natural(sum.Name, at), merged.Natural(sum.Name, at));
                Assert.True(Math.Abs(left - right) <= 1e-9 * Math.Max(1, left), $"seed {seed}, {sum.Name}: {left:R} against {right:R}");
            }

            Assert.Equal(FeatureEngine.EventCount(expected.State), FeatureEngine.EventCount(merged.State));
            Assert.Equal(expected.Traits, merged.Traits);
        }
    }

    [Fact]
    public void The_generator_reaches_empty_parts_and_parts_that_end_last()
    {
        var (empty, aliasLast) = (0, 0);
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var (one, other) = Split(random, RandomHistory.Make(random, random.Next(1, 60)));
            empty += one.State.Length == 0 || other.State.Length == 0 ? 1 : 0;
            aliasLast += FeatureEngine.LastEventAt(other.State) > FeatureEngine.LastEventAt(one.State) ? 1 : 0;
        }

        Assert.True(empty > 0 && aliasLast > 10, $"empty {empty}, alias last {aliasLast}");
    }

    [Fact]
    public void Aliases_survive_events_and_a_change_of_the_catalogue()
    {
        Alias[] aliases = [new Alias("an-1", 5, AliasPhase.Merged, HasState: true, HasSpilled: true), new Alias("ünï", 7, AliasPhase.Pending)];
        var customer = new CustomerUnderTest { State = Engine.WithAliases([], AliasList.Write(aliases)) };
        customer.Receive(RandomHistory.Make(new Random(3), 20));
        var other = FeatureCatalogueTests.Variant("\"halfLifeDays\": 14", "\"halfLifeDays\": 15");

        Assert.Equal(aliases, AliasList.Read(FeatureEngine.AliasesOf(customer.State)));
        Assert.Equal(aliases, AliasList.Read(FeatureEngine.AliasesOf(new StateMigration(FeatureCatalogue.Default, other).Migrate(customer.State))));
        Assert.True(AliasList.IsUnsettled(FeatureEngine.AliasesOf(customer.State)));
        Assert.True(AliasList.Holds(FeatureEngine.AliasesOf(customer.State), "ünï"));
        Assert.False(AliasList.Holds(FeatureEngine.AliasesOf(customer.State), "an"));
    }

    [Fact]
    public void An_event_of_a_shared_device_belongs_to_its_owner_at_that_time()
    {
        var merged = new MergedAway([new AliasOwner("a", 100)], "a", [1, 2], [3]).With(new AliasOwner("b", 200)).With(new AliasOwner("b", 300));
        var read = MergedAway.Read(merged.Write());

        Assert.Equal(["a", "a", "a", "b", "b"], new long[] { 1, 100, 199, 200, 400 }.Select(read.OwnerAt));
        Assert.Equal([1, 2], read.State);
        Assert.Equal([3], read.OwnerBefore);
        Assert.Equal("a", read.OwnerOfState);
    }

    private static (CustomerUnderTest One, CustomerUnderTest Other) Split(Random random, List<TestEvent> history)
    {
        var border = random.Next(3);
        var parts = history.ToLookup(_ => border switch { 0 => random.Next(2) == 0, 1 => random.Next(8) == 0, _ => random.Next(8) != 0 });
        return (new CustomerUnderTest().Receive(parts[true]), new CustomerUnderTest().Receive(parts[false]));
    }

    private static CustomerUnderTest Merge(CustomerUnderTest into, CustomerUnderTest from)
    {
        var merged = Engine.Merge(into.State, from.State, Window);
        return new CustomerUnderTest
        {
            State = merged.State,
            Spilled = into.Spilled.Concat(from.Spilled).Concat(merged.Spilled.Select(static x => KeyValuePair.Create(x.Key, x.UntilMinutes)))
                .GroupBy(static x => x.Key).ToDictionary(static x => x.Key, static x => x.Max(static y => y.Value)),
        };
    }
}
