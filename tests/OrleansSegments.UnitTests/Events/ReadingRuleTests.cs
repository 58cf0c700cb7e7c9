using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.UnitTests.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Events;

/// <summary>The rules of docs/events.md: numbers, currencies, names, messages; and that what they leave out is counted.</summary>
public sealed class ReadingRuleTests
{
    private const long Start = TestEvent.Start;

    private static readonly EventReader Reader = new(FeatureCatalogue.Default);

    [Theory]
    [InlineData("\"42.50\"", 42.5)]
    [InlineData("\" 42.50 \\t\"", 42.5)]
    [InlineData("\"4.25e1\"", 42.5)]
    [InlineData("\"£12.00\"", 12 * 1.31)]
    [InlineData("\"12.00 £\"", 12 * 1.31)]
    [InlineData("\"-£12.00\"", 0, "Negative")]
    [InlineData("\"$12.00\"", 12)]
    [InlineData("\"1,234.50\"", 1234.5)]
    [InlineData("\"1,234\"", 1234)]
    [InlineData("\"1,234,567.5\"", 1234567.5)]
    [InlineData("\"EUR 9\"", 9 * 1.13)]
    [InlineData("\"9 eur\"", 9 * 1.13)]
    [InlineData("\"GBP9\"", 9 * 1.31)]
    [InlineData("\"1.234,50\"", 1234.5)]
    [InlineData("\"1.234.567\"", 1234567)]
    [InlineData("\"12,50\"", 12.5)]
    [InlineData("\"1234,50\"", 1234.5)]
    [InlineData("\"12,5\"", 0, "NotANumber")]
    [InlineData("\"0,500\"", 0, "NotANumber")]
    [InlineData("\"1,23,456\"", 0, "NotANumber")]
    [InlineData("\"1.234,567.8\"", 0, "NotANumber")]
    [InlineData("\"12 34\"", 0, "NotANumber")]
    [InlineData("\"free\"", 0, "NotANumber")]
    [InlineData("\"\"", 0, "NotANumber")]
    [InlineData("\"NaN\"", 0, "NotANumber")]
    [InlineData("\"Infinity\"", 0, "NotANumber")]
    [InlineData("[5]", 0, "NotANumber")]
    [InlineData("{\"amount\":5}", 0, "NotANumber")]
    [InlineData("true", 0, "Boolean")]
    [InlineData("1e400", 0, "OutOfRange")]
    [InlineData("1e13", 0, "OutOfRange")]
    [InlineData("1e12", 1e12)]
    [InlineData("-25", 0, "Negative")]
    [InlineData("\"XYZ 9\"", 0, "UnknownCurrency")]
    [InlineData("null", 0)]
    public void Revenue_is_read_by_the_rule_or_left_out_and_counted_once(string revenue, double expected, string reason = "")
    {
        var (customer, ignored) = Receive($$"""{"revenue":{{revenue}}}""");
        Assert.Equal(expected, customer.Natural("spend_90d", Start), 1e-9);
        Assert.Equal(1, customer.Natural("orders_90d", Start));
        Assert.Equal(reason.Length == 0 ? [] : [$"{reason} properties.revenue 1"], ignored.Select(x => $"{x.Reason} {x.Field} {x.Count}"));
    }

    [Fact]
    public void The_first_usable_source_counts_and_the_unusable_one_before_it_is_counted()
    {
        var (customer, ignored) = Receive("""{"revenue":-25,"total":25}""");
        Assert.Equal(25, customer.Natural("spend_90d", Start));
        Assert.Equal(("Negative", "properties.revenue", "-25"), (ignored[0].Reason.ToString(), ignored[0].Field, ignored[0].LastExample));
    }

    [Theory]
    [InlineData("""{"revenue":100,"currency":"USD"}""", 100)]
    [InlineData("""{"revenue":100,"currency":"usd"}""", 100)]
    [InlineData("""{"revenue":10000,"currency":"JPY"}""", 66)]
    [InlineData("""{"revenue":100,"currency":"GBP"}""", 131)]
    [InlineData("""{"revenue":100,"currency":""}""", 100)]
    [InlineData("""{"revenue":100,"currency":null}""", 100)]
    [InlineData("""{"revenue":"$100","currency":"CAD"}""", 71)]
    [InlineData("""{"products":[{"price":2,"quantity":3}],"currency":"USD"}""", 6)]
    [InlineData("""{"revenue":100,"currency":"XXX"}""", 0)]
    [InlineData("""{"revenue":100,"currency":840}""", 0)]
    public void Amounts_are_converted_to_the_base_currency(string properties, double expected)
    {
        var (customer, ignored) = Receive(properties);
        Assert.Equal(expected, customer.Natural("spend_90d", Start), 1e-9);
        Assert.Equal(expected == 0 ? ["UnknownCurrency"] : [], ignored.Select(x => x.Reason.ToString()));
    }

    [Fact]
    public void Booleans_are_no_numbers_anywhere()
    {
        var (customer, ignored) = Receive("""{"rating":true,"products":[{"price":2,"quantity":true},{"price":5,"quantity":2}]}""");
        Assert.Equal(10, customer.Natural("spend_90d", Start));
        Assert.Equal(2, customer.Natural("items_per_basket", Start), 1e-9);
        Assert.Contains(ignored, x => x is { Reason: IgnoredReason.Boolean, Field: "properties.products[].quantity", Count: 1 });

        var writer = new FactsWriter();
        new TestEvent(EventType.Track, "Feedback Submitted", "f", Start, """{"rating":true}""").ReadInto(Reader, writer);
        TestEvent.Identify("i", Start, """{"age":true,"newsletter":true}""").ReadInto(Reader, writer);
        Assert.Equal(["properties.rating", "traits.age"], writer.Ignored.Drain().Select(x => x.Field).Order());
    }

    [Theory]
    [InlineData("""{"revenue":1,"revenue":2}""", 2)]
    [InlineData("""{"revenue":1,"rev\u0065nue":2}""", 2)]
    [InlineData("""{"revenue":1,"revenue":null,"total":3}""", 3)]
    [InlineData("""{"products":[{"price":9},{"price":8}],"products":[{"price":2}]}""", 2)]
    [InlineData("""{"products":[{"price":1,"price":2},{"quantity":5,"price":3,"quantity":2}]}""", 8)]
    [InlineData("""{"products":[{"price":1}],"products":5}""", 0)]
    public void Of_two_properties_of_one_name_the_last_counts_at_every_level(string properties, double expected) =>
        Assert.Equal(expected, Receive(properties).Customer.Natural("spend_90d", Start));

    [Theory]
    [InlineData("Order Completed")]
    [InlineData("order completed")]
    [InlineData("Order Completed ")]
    [InlineData("order_completed")]
    [InlineData("OrderCompleted")]
    [InlineData("Completed Order")]
    [InlineData("purchase")]
    [InlineData("checkout_completed")]
    [InlineData("orders/create")]
    public void Spellings_of_an_order_are_orders(string name) =>
        Assert.Equal(1, new CustomerUnderTest().Receive([new TestEvent(EventType.Track, name, "o", Start)]).Natural("orders_90d", Start));

    [Theory]
    [InlineData("Order")]
    [InlineData("Order Completed Twice")]
    [InlineData("Pre-Order Completed")]
    public void Other_names_stay_other_events(string name) =>
        Assert.Equal(0, new CustomerUnderTest().Receive([new TestEvent(EventType.Track, name, "o", Start)]).Natural("orders_90d", Start));

    [Fact]
    public void An_order_of_ga4_and_one_of_shopify_have_their_amounts_and_categories()
    {
        var customer = new CustomerUnderTest().Receive(
            [new TestEvent(EventType.Track, "purchase", "g", Start, """{"transaction_id":"T1","currency":"USD","items":[{"item_id":"a","item_category":"fashion","price":10,"quantity":2}]}"""),
             new TestEvent(EventType.Track, "orders/create", "s", Start, """{"total_price":"12.50","currency":"USD","line_items":[{"product_id":9,"product_type":"home","price":"12.50","quantity":1}]}""")]);
        Assert.Equal(32.5, customer.Natural("spend_90d", Start));
        Assert.Equal(2, customer.Natural("distinct_products", Start), 0.1);
        Assert.Equal(1.0 / (2 + 3), customer.Natural("fashion_share", Start), 1e-12);
    }

    [Theory]
    [InlineData("This is great, thank you!", 1, 0, 0)]
    [InlineData("The lamp arrived broken and I want a refund", -1, 1, 0)]
    [InlineData("That's not good", -1, 0, 0)]
    [InlineData("It isn\u2019t bad", 1, 0, 0)]
    [InlineData("Do you have a discount? The price is too high.", double.NaN, 0, 1)]
    [InlineData("When do you open?", double.NaN, 0, 0)]
    [InlineData("", double.NaN, 0, 0)]
    public void Messages_are_judged_by_their_words(string text, double sentiment, double complaint, double price)
    {
        var reader = new LexiconReader([]);
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        Assert.Equal(sentiment, reader.TryRead(Reading.Sentiment, utf8, out var score) ? score : double.NaN);
        Assert.True(reader.TryRead(Reading.Complaint, utf8, out score) && score.Equals(complaint));
        Assert.True(reader.TryRead(Reading.Price, utf8, out score) && score.Equals(price));
    }

    [Fact]
    public void What_people_tell_an_assistant_is_felt_at_once_and_its_text_is_not_kept()
    {
        const string text = "I want a refund, this is terrible";
        var customer = new CustomerUnderTest().Receive(
            [new TestEvent(EventType.Track, "Message Sent", "m", Start, $$"""{"conversationId":"c","message_body":"{{text}}","role":"customer"}"""),
             new TestEvent(EventType.Track, "Message Sent", "a", Start, """{"message_body":"I love helping","role":"ai_agent"}"""),
             new TestEvent(EventType.Track, "Preference Stated", "p", Start, """{"category":"fashion","price_sensitivity":"high"}""")]);
        Assert.Equal(-0.5, customer.Natural("message_sentiment", Start), 1e-12);
        Assert.Equal(0.5, customer.Natural("complaint_share", Start), 1e-12);
        Assert.Equal((1, 0, 1), (customer.Natural("prefers_fashion", Start), customer.Natural("prefers_home", Start), customer.Natural("stated_price_sensitivity", Start)));
        Assert.DoesNotContain("refund", System.Text.Encoding.UTF8.GetString(customer.State), StringComparison.Ordinal);
    }

    [Fact]
    public void A_catalogue_adds_words_and_names_in_its_own_language()
    {
        var catalogue = FeatureCatalogueTests.Variant(
            "\"aliases\": {", "\"lexicon\": {\"complaint\": [\"kaputt\"]}, \"aliases\": {\"events\": {\"Bestellung\": \"Order Completed\"}, ");
        var customer = new CustomerUnderTest(catalogue).Receive(
            [new TestEvent(EventType.Track, "bestellung", "b", Start),
             new TestEvent(EventType.Track, "Message Sent", "m", Start, """{"text":"Die Lampe ist KAPUTT"}""")]);
        Assert.Equal(1, customer.Natural("orders_90d", Start));
        Assert.Equal(0.5, customer.Natural("complaint_share", Start), 1e-12);
        Assert.NotEqual(FeatureCatalogue.Default.Hash, catalogue.Hash);
        Assert.Equal(FeatureCatalogue.Default.LayoutHash, catalogue.LayoutHash);
    }

    private static (CustomerUnderTest Customer, IReadOnlyList<IgnoredField> Ignored) Receive(string properties)
    {
        var order = TestEvent.Order("o", Start, properties);
        var writer = new FactsWriter();
        Assert.True(order.ReadInto(Reader, writer));
        return (new CustomerUnderTest().Receive([order]), writer.Ignored.Drain());
    }
}
