using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>Each aggregation compared with its definition, computed from the raw events.</summary>
public sealed class FeatureFormulaTests
{
    private const long Day = TestEvent.Day;
    private const long Start = TestEvent.Start;

    [Fact]
    public void Replayed_decay_equals_the_sum_over_the_raw_events()
    {
        var random = new Random(3);
        var orders = Enumerable.Range(0, 200)
            .Select(i => (At: Start + (long)(random.NextDouble() * 400 * Day), Revenue: Math.Round(random.NextDouble() * 300, 2))).ToArray();
        var customer = new CustomerUnderTest();
        for (var i = 0; i < orders.Length; i++)
        {
            customer.Receive([TestEvent.Order($"o{i}", orders[i].At, $$"""{"revenue":{{orders[i].Revenue}}}""")]);
        }

        var at = Start + 420 * Day;
        double Weight(long time, double halfLifeDays) => Math.Pow(2, -(at - time) / (halfLifeDays * Day));
        AssertClose(orders.Sum(x => Weight(x.At, 90)), customer.Natural("orders_90d", at));
        AssertClose(orders.Sum(x => Weight(x.At, 14)), customer.Natural("orders_14d", at));
        AssertClose(orders.Sum(x => x.Revenue * Weight(x.At, 90)), customer.Natural("spend_90d", at));
        AssertClose(
            orders.Sum(x => x.Revenue * Weight(x.At, 180)) / orders.Sum(x => Weight(x.At, 180)), customer.Natural("order_value", at));
        AssertClose((at - orders.Max(x => x.At)) / (double)Day, customer.Natural("days_since_order", at));
        AssertClose((at - orders.Min(x => x.At)) / (double)Day, customer.Natural("tenure", at));
        AssertClose((orders.Max(x => x.At) - orders.Min(x => x.At)) / (double)Day / 199, customer.Natural("days_between_orders", at));
    }

    [Fact]
    public void Reading_a_state_at_two_moments_does_not_touch_it()
    {
        var customer = new CustomerUnderTest().Receive(RandomHistory.Make(new Random(1), 20));
        var copy = customer.State.ToArray();
        customer.Values(Start + 500 * Day);
        Assert.Equal(copy, customer.State);
    }

    [Fact]
    public void Late_event_does_not_change_a_newer_last_value()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start + 10 * Day, """{"age":40,"city":"Ulm"}""")]);
        customer.Receive([TestEvent.Identify("b", Start, """{"age":30,"city":"Bonn","plan":"x"}""")]);
        Assert.Equal(40, customer.Natural("age", Start + 11 * Day));
        Assert.Equal("""{"age":40,"city":"Ulm","plan":"x"}""", customer.Traits);
    }

    [Fact]
    public void A_trait_set_to_null_disappears_and_a_late_value_does_not_bring_it_back()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Identify("a", Start + 2, """{"city":null,"age":1}""")]);
        customer.Receive([TestEvent.Identify("b", Start + 1, """{"city":"Bonn"}""")]);
        Assert.Equal("""{"age":1}""", customer.Traits);
    }

    [Fact]
    public void Without_orders_recency_is_the_age_of_the_account()
    {
        var customer = new CustomerUnderTest().Receive([new TestEvent(Engine.Features.EventType.Page, null, "p", Start)]);
        AssertClose(7, customer.Natural("days_since_order", Start + 7 * Day));
        Assert.True(double.IsNaN(customer.Natural("order_value", Start)));
    }

    [Fact]
    public void An_empty_state_has_only_finite_values_and_marks_to_impute()
    {
        var customer = new CustomerUnderTest();
        Assert.DoesNotContain(customer.Values(Start), double.IsInfinity);
        Assert.Equal(0, customer.Natural("orders_90d", Start));
        Assert.Equal("{}", customer.Traits);
    }

    [Fact]
    public void Values_stay_finite_after_decades_and_for_times_before_the_events()
    {
        var customer = new CustomerUnderTest().Receive(RandomHistory.Make(new Random(2), 60));
        Assert.DoesNotContain(customer.Values(Start + 40_000 * Day), double.IsInfinity);
        Assert.DoesNotContain(customer.Values(0), double.IsInfinity);
    }

    [Fact]
    public void Distinct_counts_are_close_up_to_a_hundred()
    {
        var products = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"product_id":"sku-{{i}}"}"""));
        var customer = new CustomerUnderTest().Receive([TestEvent.Order("o", Start, $$"""{"products":[{{products}}]}""")]);
        Assert.InRange(customer.Natural("distinct_products", Start), 80, 120);
        customer.Receive([TestEvent.Order("again", Start + 1, $$"""{"products":[{{products}}]}""")]);
        Assert.InRange(customer.Natural("distinct_products", Start), 80, 120);
    }

    [Fact]
    public void Shares_shrink_to_their_prior_and_follow_local_time()
    {
        // 23:30 UTC on a Monday is 18:30 in New York: evening in both; 03:00 UTC is 22:00 there: evening only there.
        var late = Start + 27 * TestEvent.Hour;
        var there = new CustomerUnderTest().Receive([TestEvent.Order("o", late, "{}", """{"timezone":"America/New_York"}""")]);
        var here = new CustomerUnderTest().Receive([TestEvent.Order("o", late, "{}")]);
        AssertClose(1.0 / (1 + 3), there.Natural("evening_share", late));
        Assert.Equal(0, here.Natural("evening_share", late));
    }

    [Fact]
    public void Returns_are_measured_in_value_against_revenue()
    {
        var customer = new CustomerUnderTest().Receive(
            [TestEvent.Order("o", Start, """{"revenue":200}"""), new TestEvent(Engine.Features.EventType.Track, "Order Refunded", "r", Start, """{"total":"50.00"}""")]);
        AssertClose(50.0 / (200 + 50), customer.Natural("return_ratio", Start));
    }

    // Regression: a data set without carts made "decided buyers" of everybody with many orders, because only the prior grew with them.
    [Fact]
    public void Orders_without_any_cart_leave_orders_per_cart_unknown()
    {
        var customer = new CustomerUnderTest().Receive([TestEvent.Order("o", Start, """{"revenue":200}""")]);
        Assert.Equal(double.NaN, customer.Natural("orders_per_cart_add", Start));
        Assert.Equal(0, customer.Natural("coupon_share", Start));
    }

    private static void AssertClose(double expected, double actual) => Assert.Equal(expected, actual, Math.Abs(expected) * 1e-9);
}
