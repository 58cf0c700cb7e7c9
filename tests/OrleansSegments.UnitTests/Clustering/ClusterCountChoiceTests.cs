using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

public sealed class ClusterCountChoiceTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    public void The_number_of_separate_groups_is_found(int groups)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            FeatureMatrix sample = ClusterData.Matrix(ClusterData.Groups(seed, 2000, 10, groups, spread: 0.5));

            ClusterCountChoice choice = ClusterCountChoice.Make(sample, (ulong)seed);

            Assert.True(groups == choice.Count, $"seed {seed}: {string.Join("; ", choice.Scores)}");
            Assert.Equal(7, choice.Scores.Count);
        }
    }

    [Fact]
    public void A_fixed_number_is_taken_without_asking_the_data()
    {
        FeatureMatrix sample = ClusterData.Matrix(ClusterData.Groups(1, 500, 3, 3));

        ClusterCountChoice choice = ClusterCountChoice.Make(sample, 1, new ClusterCountOptions { Min = 6, Max = 6 });

        Assert.Equal(6, choice.Count);
        Assert.Empty(choice.Scores);
    }

    [Fact]
    public void Very_few_customers_get_no_more_segments_than_halves_can_show()
    {
        FeatureMatrix sample = ClusterData.Matrix(ClusterData.Groups(1, 5, 3, 2));

        Assert.InRange(ClusterCountChoice.Make(sample, 1).Count, 1, 2);
    }
}
