using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;
using OrleansSegments.UnitTests.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Events;

public sealed class EventReaderTests
{
    private const long Start = TestEvent.Start;

    /// <summary>The shape of the e-commerce spec's own example, with the context that browser libraries send.</summary>
    private const string OrderProperties = """
        {"checkout_id":"fksdjfsdjfisjf9sdfjsd9f","order_id":"50314b8e9bcf000000000000","affiliation":"Google Store","total":27.5,
         "subtotal":22.5,"revenue":25.0,"shipping":3,"tax":2,"discount":2.5,"coupon":"hasbros","currency":"USD",
         "products":[
           {"product_id":"507f1f77bcf86cd799439011","sku":"45790-32","name":"Monopoly: 3rd Edition","price":19,"quantity":1,"category":"Electronics","url":"https://x/y"},
           {"product_id":"505bd76785ebb509fc183733","sku":"46493-32","name":"Uno \"Cards\"","price":3,"quantity":2,"category":"fashion"}]}
        """;

    private const string BrowserContext = """
        {"ip":"8.8.8.8","library":{"name":"analytics.js","version":"2.11.1"},"locale":"en-GB","timezone":"Europe/Amsterdam",
         "page":{"path":"/academy/","title":"Shop","url":"https://shop/academy/","search":""},
         "campaign":{"name":"TPS","source":"Newsletter"},"userAgent":"Mozilla/5.0","os":{"name":"iPhone OS","version":"8.1.3"},
         "device":{"type":"ios"},"location":{"city":"Leeds","country":"United Kingdom","latitude":53.8,"longitude":-1.5}}
        """;

    private static readonly FeatureCatalogue Catalogue = FeatureCatalogue.Default;

    [Fact]
    public void An_order_of_the_spec_gives_its_revenue_items_categories_device_and_country()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Order("o", Start, OrderProperties, BrowserContext)]);
        Assert.Equal(25, customer.Natural("spend_90d", Start), 1e-12);
        Assert.Equal(3, customer.Natural("items_per_basket", Start));
        Assert.Equal(2, customer.Natural("distinct_products", Start), 0.1);
        Assert.Equal(1.0 / (2 + 3), customer.Natural("fashion_share", Start), 1e-12);
        Assert.Equal(1.0 / (2 + 3), customer.Natural("electronics_share", Start), 1e-12);
        Assert.Equal(1.0 / (1 + 3), customer.Natural("mobile_share", Start), 1e-12);
        Assert.Equal(1.0 / (1 + 2), customer.Natural("coupon_share", Start), 1e-12);
        Assert.Equal(1, customer.Natural("domestic", Start));
        Assert.Equal(53.8, customer.Natural("latitude", Start));
    }

    [Theory]
    [InlineData("""{"revenue":12.5}""", 12.5)]
    [InlineData("""{"revenue":"12.5"}""", 12.5)]
    [InlineData("""{"total":7,"value":9}""", 7)]
    [InlineData("""{"value":9}""", 9)]
    [InlineData("""{"products":[{"price":2,"quantity":3},{"price":5}]}""", 11)]
    [InlineData("""{"revenue":null,"total":4}""", 4)]
    [InlineData("""{"revenue":-4}""", 0)]
    [InlineData("""{"revenue":"-4"}""", 0)]
    [InlineData("""{"revenue":"free"}""", 0)]
    [InlineData("""{"revenue":1e400}""", 0)]
    [InlineData("""{"revenue":1e15}""", 0)]
    [InlineData("""{"revenue":"NaN"}""", 0)]
    [InlineData("""{"revenue":{"amount":4}}""", 0)]
    [InlineData("""{"revenue":[4]}""", 0)]
    [InlineData("""{"products":[{"price":2,"quantity":"-3"},{"price":"x"},7,null,{"price":5,"quantity":2}]}""", 10)]
    [InlineData("""{"products":{"price":2}}""", 0)]
    [InlineData("""{"nested":{"revenue":4}}""", 0)]
    [InlineData("""{"rev\u0065nue":4}""", 4)]
    [InlineData("{}", 0)]
    [InlineData("", 0)]
    [InlineData("null", 0)]
    [InlineData("[1]", 0)]
    public void Revenue_is_read_generously_and_bad_values_are_skipped(string properties, double expected)
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Order("o", Start, properties)]);
        Assert.Equal(expected, customer.Natural("spend_90d", Start));
        Assert.Equal(1, customer.Natural("orders_90d", Start));
    }

    [Fact]
    public void Names_of_events_and_values_match_without_regard_to_case_and_unicode_survives()
    {
        var customer = new CustomerUnderTest().Receive(
            [new TestEvent(EventType.Track, "order completed", "o", Start, """{"category":"FASHION"}"""),
             TestEvent.Identify("i", Start, """{"name":"Zoë \u00fc 🛒","gender":"Female","vorliebe für":"Käse"}""")]);
        Assert.Equal(1, customer.Natural("orders_90d", Start));
        Assert.True(customer.Natural("fashion_share", Start) > 0.2);
        Assert.Equal(1, customer.Natural("gender_female", Start));
        Assert.Equal("""{"gender":"Female","name":"Zoë ü 🛒","vorliebe für":"Käse"}""", customer.Traits);
    }

    [Fact]
    public void Traits_give_demographic_and_psychographic_features()
    {
        var customer = new CustomerUnderTest().Receive(
            [TestEvent.Identify("i", Start, """{"age":"41","price_sensitivity":"High","eco_interest":0.25,"newsletter":true,"address":{"country":"DE"},"household_size":3}""")]);
        Assert.Equal(41, customer.Natural("age", Start));
        Assert.Equal(1, customer.Natural("price_sensitivity", Start));
        Assert.Equal(0.25, customer.Natural("eco_interest", Start));
        Assert.Equal(1, customer.Natural("newsletter", Start));
        Assert.Equal(0, customer.Natural("domestic", Start));
        Assert.Equal(3, customer.Natural("household_size", Start));
    }

    [Fact]
    public void Page_calls_count_as_pages_and_the_traits_of_a_group_stay_out()
    {
        var customer = new CustomerUnderTest().Receive(
            [new TestEvent(EventType.Page, "Docs", "p", Start), new TestEvent(EventType.Screen, null, "s", Start),
             new TestEvent(EventType.Group, null, "g", Start, """{"address":{"country":"GB"},"age":99}""")]);
        Assert.Equal(2, customer.Natural("pages_30d", Start));
        Assert.True(double.IsNaN(customer.Natural("domestic", Start)));
        Assert.Equal("{}", customer.Traits);
    }

    [Theory]
    [InlineData("""{"revenue":4""")]
    [InlineData("""{"revenue":"\ud800"}""")]
    [InlineData("""{"products":[}""")]
    public void Malformed_json_refuses_the_event_and_leaves_nothing_behind(string properties)
    {
        var writer = new FactsWriter();
        var reader = new EventReader(Catalogue);
        Assert.True(TestEvent.Order("a", Start, "{}").ReadInto(reader, writer));
        var before = writer.ToArray();
        Assert.False(TestEvent.Order("b", Start, properties).ReadInto(reader, writer));
        Assert.Equal(before, writer.ToArray());
        Assert.False(TestEvent.Order("", Start, "{}").ReadInto(reader, writer));
    }

    [Fact]
    public void An_unknown_time_zone_falls_back_to_the_catalogues()
    {
        var evening = Start + 19 * TestEvent.Hour;
        var unknown = new CustomerUnderTest().Receive([TestEvent.Order("o", evening, "{}", """{"timezone":"Mars/Olympus"}""")]);
        var none = new CustomerUnderTest().Receive([TestEvent.Order("o", evening, "{}")]);
        Assert.Equal(none.Values(evening), unknown.Values(evening));
    }

    [Fact]
    public void Reading_and_applying_a_known_event_allocates_only_the_facts_and_the_state()
    {
        var one = TestEvent.Order("o", Start, OrderProperties, BrowserContext);
        var (reader, writer, engine) = (new EventReader(Catalogue), new FactsWriter(), new FeatureEngine(Catalogue));
        var properties = System.Text.Encoding.UTF8.GetBytes(one.Properties);
        var context = System.Text.Encoding.UTF8.GetBytes(one.Context);
        Span<double> values = stackalloc double[engine.FeatureCount];
        long allocated = 0, sizes = 0;
        for (var round = 0; round < 200; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            writer.Clear();
            reader.Read(
                new EventInput { Type = one.Type, Name = one.Name, MessageId = one.Id, OccurredAtMilliseconds = one.At, Properties = properties, Context = context },
                writer);
            var facts = writer.ToArray();
            var state = engine.Apply([], facts, new MessageWindow(0, 1), []).State;
            engine.Evaluate(state, Start, values);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            sizes = facts.Length + state.Length;
        }

        // Two arrays, each with a 24-byte header and rounded up to 8.
        Assert.InRange(allocated, sizes, sizes + 2 * (24 + 8));
    }
}
