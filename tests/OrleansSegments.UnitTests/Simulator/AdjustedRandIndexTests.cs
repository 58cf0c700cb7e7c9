using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

public sealed class AdjustedRandIndexTests
{
    // Values from scikit-learn's documentation and from the formula computed by hand.
    [Theory]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 0, 1, 1 }, 1.0)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 1, 1, 0, 0 }, 1.0)]
    [InlineData(new[] { 0, 0, 1, 2 }, new[] { 0, 0, 1, 1 }, 4.0 / 7)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 0, 1, 2 }, 4.0 / 7)]
    [InlineData(new[] { 0, 0, 0, 0 }, new[] { 0, 1, 2, 3 }, 0.0)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 1, 0, 1 }, -0.5)]
    [InlineData(new[] { 5, 5, 5 }, new[] { 9, 9, 9 }, 1.0)]
    [InlineData(new[] { 1, 2, 3 }, new[] { 7, 8, 9 }, 1.0)]
    [InlineData(new int[0], new int[0], 1.0)]
    public void Known_values(int[] truth, int[] found, double expected) =>
        Assert.Equal(expected, AdjustedRandIndex.Compute(truth, found), 12);

    [Fact]
    public void Names_of_the_groups_and_the_order_of_items_do_not_matter()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            var random = new Random(seed);
            int[] truth = [.. Enumerable.Range(0, 200).Select(_ => random.Next(5))];
            int[] found = [.. truth.Select(label => random.NextDouble() < 0.7 ? label : random.Next(6))];
            double index = AdjustedRandIndex.Compute(truth, found);
            int[] names = [.. Enumerable.Range(100, 6)];
            random.Shuffle(names);
            int[] order = [.. Enumerable.Range(0, 200)];
            random.Shuffle(order);
            int[] shuffledTruth = [.. order.Select(i => truth[i])];
            int[] shuffledFound = [.. order.Select(i => names[found[i]])];
            Assert.True(
                Math.Abs(index - AdjustedRandIndex.Compute(shuffledTruth, shuffledFound)) < 1e-12
                && Math.Abs(index - AdjustedRandIndex.Compute(found, truth)) < 1e-12,
                $"seed {seed}");
        }
    }

    [Fact]
    public void Independent_labels_agree_by_chance_only()
    {
        var random = new Random(8);
        int[] truth = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(7))];
        int[] found = [.. Enumerable.Range(0, 20_000).Select(_ => random.Next(7))];
        Assert.InRange(AdjustedRandIndex.Compute(truth, found), -0.005, 0.005);
    }

    [Fact]
    public void Labellings_of_different_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => AdjustedRandIndex.Compute([1, 2], [1]));
}
