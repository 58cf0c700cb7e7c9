using OrleansSegments.Engine.Clustering;
using Xunit;

namespace OrleansSegments.UnitTests.Lineage;

public sealed class ContingencyTests
{
    [Fact]
    public void Renumbered_labels_agree_completely()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            int count = random.Next(2, 10);
            byte[] permutation = [.. Enumerable.Range(0, count).Select(i => (byte)i)];
            random.Shuffle(permutation);
            byte[] labels = [.. Enumerable.Range(0, 500).Select(_ => (byte)random.Next(count))];

            Contingency table = Contingency.Of(count, count, labels, [.. labels.Select(l => permutation[l])]);

            Assert.Equal(1, table.AdjustedRandIndex, 12);
            Assert.Equal(1, table.NormalisedMutualInformation, 12);
        }
    }

    [Fact]
    public void Independent_labels_agree_by_chance_only()
    {
        var random = new Random(3);
        byte[] a = [.. Enumerable.Range(0, 20_000).Select(_ => (byte)random.Next(5))];
        byte[] b = [.. a.Select(_ => (byte)random.Next(4))];

        Contingency table = Contingency.Of(5, 4, a, b);

        Assert.Equal(0, table.AdjustedRandIndex, 0.005);
        Assert.Equal(0, table.NormalisedMutualInformation, 0.005);
    }

    [Fact]
    public void The_adjusted_rand_index_is_the_published_value_of_a_worked_example()
    {
        // Santos and Embrechts 2009: the table (1 1 0; 1 2 1; 0 0 4) has index 0.31 by hand.
        var table = new Contingency(3, 3, [1, 1, 0, 1, 2, 1, 0, 0, 4]);

        Assert.Equal((7.0 - (13 * 14 / 45.0)) / (((13 + 14) / 2.0) - (13 * 14 / 45.0)), table.AdjustedRandIndex, 12);
    }

    [Fact]
    public void Totals_are_the_population_and_parts_add_up()
    {
        var random = new Random(4);
        var sum = new Contingency(4, 3);
        int rows = 0;
        for (int part = 0; part < 6; part++)
        {
            int count = random.Next(300);
            rows += count;
            byte[] a = [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(4))];
            byte[] b = [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(3))];
            sum.Merge(Contingency.Of(4, 3, a, b));
        }

        Assert.Equal(rows, sum.Total);
        Assert.Equal(rows, Enumerable.Range(0, 4).Sum(sum.OldSize));
        Assert.Equal(rows, Enumerable.Range(0, 3).Sum(sum.NewSize));
    }

    [Fact]
    public void A_row_without_a_label_is_left_out() =>
        Assert.Equal(1, Contingency.Of(2, 2, [0, LloydPart.NoLabel, 1], [0, 1, LloydPart.NoLabel]).Total);
}
