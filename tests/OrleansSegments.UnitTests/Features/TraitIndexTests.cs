using System.Text.Json;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>By which values of traits a customer is found, and what a change of the traits changes about it.</summary>
public sealed class TraitIndexTests
{
    private const long Start = TestEvent.Start;

    private static readonly TraitIndex Index = new(["email", "phone", "caf\u00E9 \"x\"\\"]);

    [Theory]
    [InlineData("""{"email":"ada@example.org"}""", "ada@example.org")]
    [InlineData("""{"email":" \tADA@Example.ORG\n "}""", "ada@example.org")]
    [InlineData("""{"email":"\u00c4\"<b>\\\u0000\ud83d\ude00"}""", "\u00E4\"<b>\\\0\U0001F600")]
    [InlineData("""{"email":"\u0130I"}""", "\u0130i")]
    [InlineData("""{"email":""}""", null)]
    [InlineData("""{"email":"  "}""", null)]
    [InlineData("""{"email":null}""", null)]
    [InlineData("""{"email":7}""", null)]
    [InlineData("""{"email":true}""", null)]
    [InlineData("""{"email":["ada@example.org"]}""", null)]
    [InlineData("""{"email":{"home":"ada@example.org"}}""", null)]
    [InlineData("""{"Email":"ada@example.org","emai":"x","emaill":"y","name":"z"}""", null)]
    public void Text_is_found_by_its_trimmed_small_letters_and_nothing_else_is(string traits, string? expected)
    {
        var changes = Index.Changes([], StateOf(traits));
        Assert.Equal(expected is null ? [] : [new IndexedValue("email", expected, true)], changes);
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_value_has_at_most_255_characters_behind_the_blanks(int length, bool isFound)
    {
        var changes = Index.Changes([], StateOf(JsonSerializer.Serialize(new { email = $"   {new string('\u20AC', length)} " })));
        Assert.Equal(isFound, changes.Length == 1);
        Assert.Equal(isFound, TraitIndex.SpellingOf($"   {new string('\u20AC', length)} ") is not null);
    }

    [Fact]
    public void A_name_of_any_spelling_is_the_trait_of_that_name()
    {
        var change = Assert.Single(Index.Changes([], StateOf("""{"caf\u00e9 \u0022x\"\\":"a"}""")));
        Assert.Equal(new IndexedValue("caf\u00E9 \"x\"\\", "a", true), change);
    }

    [Fact]
    public void A_change_takes_the_old_value_out_and_brings_the_new_one_in()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start, """{"email":"Ada","phone":"1","name":"n"}""")]);
        var before = customer.State;
        var after = customer.Receive([TestEvent.Identify("b", Start + 1, """{"email":"berta","phone":null}""")]).State;
        Assert.Equal([new("email", "ada", false), new("email", "berta", true), new("phone", "1", false)], Index.Changes(before, after));
        Assert.Equal([new IndexedValue("email", "berta", false)], Index.Changes(after, []));
    }

    [Theory]
    [InlineData("""{"email":"ADA "}""")]
    [InlineData("""{"email":"ada"}""")]
    [InlineData("""{"name":"other"}""")]
    public void The_same_value_said_again_changes_nothing(string said)
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start, """{"email":"ada","name":"n"}""")]);
        var before = customer.State;
        Assert.Empty(Index.Changes(before, customer.Receive([TestEvent.Identify("b", Start + 1, said)]).State));
        Assert.NotEqual(before, customer.State);
    }

    /// <summary>It is asked about the states of every event.</summary>
    [Fact]
    public void An_event_without_traits_allocates_nothing()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start, """{"email":"ada"}""")]);
        var before = customer.State;
        var after = customer.Receive([new TestEvent(EventType.Track, "Product Viewed", "b", Start + 1)]).State;
        Index.Changes(before, after);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var changes = Index.Changes(before, after);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        Assert.Empty(changes);
        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Names_are_kept_once_and_in_order() => Assert.Equal(["B", "a", "b"], new TraitIndex(["b", "a", "B", "a"]).Names);

    private static byte[] StateOf(string traits) => new CustomerUnderTest().Receive([TestEvent.Identify("i", Start, traits)]).State;
}
