using System.Text.Json;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>What becomes of traits: which statement counts, what fits, and that features agree with them.</summary>
public sealed class TraitTests
{
    private const long Start = TestEvent.Start;

    [Theory]
    [InlineData("""{"caf\u00e9":"b"}""", """{"café":"b"}""")]
    [InlineData("""{"x":1,"x":2}""", """{"x":2}""")]
    [InlineData("""{"x":1,"\u0078":2}""", """{"x":2}""")]
    [InlineData("""{"a":{"k":1,"l":[ ],"k":{"n":1,"n":2}}}""", """{"a":{"l":[],"k":{"n":2}}}""")]
    [InlineData("""{"a":[{"k":1,"\u006b":2},{"k":3}],"b":{ }}""", """{"a":[{"k":2},{"k":3}],"b":{}}""")]
    [InlineData("""{"q\"\\\u0001\/":"\"\\\u001f\/"}""", """{"q\"\\\u0001/":"\"\\\u001f/"}""")]
    [InlineData("""{"a.b":1,"a-b":2,"a b":3,"$set":4,"":5}""", """{"":5,"$set":4,"a b":3,"a-b":2,"a.b":1}""")]
    public void Traits_come_back_in_one_spelling_and_the_last_of_two_with_one_name(string sent, string expected) =>
        Assert.Equal(expected, new CustomerUnderTest().Receive([TestEvent.Identify("i", Start, sent)]).Traits);

    [Fact]
    public void A_name_is_one_trait_and_one_feature_however_it_is_spelt()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start, """{"café":"a","age":30}""")])
            .Receive([TestEvent.Identify("b", Start + 1, """{"caf\u00e9":"b","\u0061ge":50}""")]);
        Assert.Equal("""{"age":50,"café":"b"}""", customer.Traits);
        Assert.Equal(50, customer.Natural("age", Start + 1));
    }

    [Theory]
    [InlineData("""{"age":3,"age":4}""", 4)]
    [InlineData("""{"age":3,"age":null}""", double.NaN)]
    [InlineData("""{"age":true}""", double.NaN)]
    [InlineData("""{"age":" 41 "}""", 41)]
    [InlineData("""{"birthday":"1990-01-06"}""", 35)]
    [InlineData("""{"birthday":"1990-01-05T00:00:00Z"}""", 36)]
    [InlineData("""{"birthday":"1990-13-05"}""", double.NaN)]
    public void The_age_is_the_trait_as_it_stands(string traits, double expected) =>
        Assert.Equal(expected, new CustomerUnderTest().Receive([TestEvent.Identify("i", Start, traits)]).Natural("age", Start));

    [Fact]
    public void What_is_withdrawn_is_withdrawn_in_trait_and_feature()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start, """{"age":30,"income":"USD 100","address":{"country":"GB"}}""")]);
        Assert.Equal((30, 100, 1), (customer.Natural("age", Start), customer.Natural("income", Start), customer.Natural("domestic", Start)));

        customer.Receive([TestEvent.Identify("b", Start + 1, """{"age":null,"address":null}""")]);
        Assert.Equal("""{"income":"USD 100"}""", customer.Traits);
        Assert.True(double.IsNaN(customer.Natural("age", Start + 1)) && double.IsNaN(customer.Natural("domestic", Start + 1)));
        Assert.Equal(100, customer.Natural("income", Start + 1));

        // A late statement does not bring back what was withdrawn after it.
        customer.Receive([TestEvent.Identify("c", Start - 1, """{"age":20}""")]);
        Assert.True(double.IsNaN(customer.Natural("age", Start + 1)));
    }

    [Theory]
    [InlineData("9", "10")]
    [InlineData("10", "9")]
    [InlineData("null", "7")]
    [InlineData("7", "null")]
    public void Of_two_statements_in_one_millisecond_the_later_of_a_batch_wins_and_between_batches_the_larger_bytes(string one, string other)
    {
        TestEvent[] both = [TestEvent.Identify("a", Start, $$"""{"age":{{one}}}"""), TestEvent.Identify("b", Start, $$"""{"age":{{other}}}""")];
        AssertAge(other, new CustomerUnderTest().Receive(both));

        var larger = string.CompareOrdinal(one, other) > 0 ? one : other;
        AssertAge(larger, new CustomerUnderTest().Receive([both[0]]).Receive([both[1]]));
        AssertAge(larger, new CustomerUnderTest().Receive([both[1]]).Receive([both[0]]));

        // The winner of a batch is compared with what was known, not its loser.
        var known = TestEvent.Identify("k", Start, """{"age":5}""");
        var after = string.CompareOrdinal("5", other) > 0 ? "5" : other;
        AssertAge(after, new CustomerUnderTest().Receive([known]).Receive(both));
        AssertAge(after, new CustomerUnderTest().Receive(both).Receive([known]));
    }

    [Fact]
    public void Three_hundred_traits_and_long_values_come_back()
    {
        var traits = Enumerable.Range(0, 297).ToDictionary(i => $"t{i:000}", object (i) => i);
        traits["bio"] = new string('é', 600);
        traits["address"] = new { street = new string('x', 600), city = "Leeds", country = "GB" };
        traits[new string('n', 70)] = true;
        var sent = JsonSerializer.Serialize(traits);
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("i", Start, sent)]);

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(sent), JsonElement.Parse(customer.Traits)));
        Assert.Equal(1, customer.Natural("domestic", Start));
    }

    [Fact]
    public void Beyond_the_limit_those_set_longest_ago_go_in_any_order_and_are_counted()
    {
        var events = Enumerable.Range(0, 400).Select(i => TestEvent.Identify($"i{i}", Start + i, $$"""{"trait{{i:000}}":{{i}}}""")).ToArray();
        var forward = new CustomerUnderTest().Receive(events);
        var backward = new CustomerUnderTest();
        foreach (var one in events.Reverse())
        {
            backward.Receive([one]);
        }

        Assert.Equal(forward.Traits, backward.Traits);
        Assert.Equal(FeatureEngine.TraitsMax, forward.Traits.Count(x => x == ':'));
        Assert.StartsWith("""{"trait100":100,""", forward.Traits, StringComparison.Ordinal);
        Assert.Equal((100, 100), (forward.TraitsDropped, backward.TraitsDropped));
    }

    [Fact]
    public void A_state_is_bounded_in_bytes()
    {
        var customer = new CustomerUnderTest();
        for (var i = 0; i < 20; i++)
        {
            customer.Receive([TestEvent.Identify($"i{i}", Start + i, $$"""{"t{{i:00}}":"{{new string('x', 8000)}}"}""")]);
        }

        Assert.InRange(customer.State.Length, 60_000, 66_500);
        Assert.Equal(12, customer.TraitsDropped);
        Assert.EndsWith("\"}", customer.Traits, StringComparison.Ordinal);
        Assert.StartsWith("""{"t12":"x""", customer.Traits, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(255, 8190, false, "")]
    [InlineData(256, 1, false, "TraitNameTooLong")]
    [InlineData(1, 8191, false, "TraitTooLarge")]
    [InlineData(255, 8190, true, "")]
    [InlineData(256, 1, true, "TraitNameTooLong")]
    [InlineData(1, 8191, true, "TraitTooLarge")]
    public void The_limits_do_not_depend_on_the_spelling(int nameLength, int valueLength, bool isEscaped, string reason)
    {
        string Text(int length) => isEscaped ? string.Concat(Enumerable.Repeat("\\u0061", length)) : new string('a', length);
        var writer = new FactsWriter();
        TestEvent.Identify("i", Start, $$"""{"{{Text(nameLength)}}":"{{Text(valueLength)}}","b":1}""").ReadInto(new EventReader(FeatureCatalogue.Default), writer);

        Assert.Equal(reason, string.Join(',', writer.Ignored.Drain().Select(x => x.Reason)));
        Assert.Empty(writer.Ignored.Drain());
    }

    [Fact]
    public void A_group_sets_its_id_and_the_features_over_the_group()
    {
        var catalogue = FeatureCatalogueTests.Of(
            """{"name": "employees", "kind": "demographic", "aggregation": "last", "events": ["@group"], "value": "group.employees", "missing": "mean", "weight": 1, "unit": "people", "high": "h", "low": "l"}""");
        var customer = new CustomerUnderTest(catalogue).Receive(
            [new TestEvent(EventType.Group, null, "g", Start, """{"employees":"1,200","age":4,"id":"acme"}""")]);
        Assert.Equal("""{"groupId":"acme"}""", customer.Traits);
        Assert.Equal(1200, customer.Natural("employees", Start));
    }

    [Fact]
    public void A_new_feature_over_traits_has_its_value_at_once()
    {
        var without = FeatureCatalogueTests.Variant("\"traits.income\", ", "");
        var before = new CustomerUnderTest(without).Receive([TestEvent.Identify("i", Start, """{"income":5}""")]);
        Assert.True(double.IsNaN(before.Natural("income", Start)));
        var after = new CustomerUnderTest { State = new StateMigration(without, FeatureCatalogue.Default).Migrate(before.State) };
        Assert.Equal(5, after.Natural("income", Start));
    }

    private static void AssertAge(string expected, CustomerUnderTest customer)
    {
        Assert.Equal(expected == "null" ? "{}" : $$"""{"age":{{expected}}}""", customer.Traits);
        Assert.Equal(expected == "null" ? double.NaN : double.Parse(expected), customer.Natural("age", Start));
    }
}
