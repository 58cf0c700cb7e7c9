using OrleansSegments.Grains.Silos;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

public sealed class SiloViewTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_customer_belongs_to_exactly_one_silo_and_the_silos_get_about_equally_many(int count)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(number => $"silo-{number}")];
        SiloView[] views = [.. names.Select(name => new SiloView(name, names.Reverse()))];
        var held = new int[count];
        for (var customer = 0; customer < 10_000; customer++)
        {
            var id = $"customer-{customer}";
            held[Array.IndexOf(views, views.Single(view => view.Holds(id)))]++;
        }

        Assert.All(held, customers => Assert.InRange(customers, 8_500 / count, 11_500 / count));
        Assert.Equal(names[0], Assert.Single(views, view => view.IsFirst).Self);
    }

    [Fact]
    public void A_silo_that_is_not_among_those_alive_holds_nobody_and_is_not_alone()
    {
        var view = new SiloView("joining", ["other"]);

        Assert.False(view.IsAlone);
        Assert.False(view.IsFirst);
        Assert.False(view.Holds("customer"));
        Assert.True(new SiloView("one", ["one"]).IsAlone);
    }
}
