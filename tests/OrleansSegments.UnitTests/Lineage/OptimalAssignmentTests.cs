using OrleansSegments.Engine.Lineage;
using Xunit;

namespace OrleansSegments.UnitTests.Lineage;

public sealed class OptimalAssignmentTests
{
    [Fact]
    public void The_assignment_costs_what_the_best_permutation_costs()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(1, 8);
            int columns = random.Next(1, 8);
            var cost = new double[rows, columns];
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    // Small integers cause ties, the hard case; negative ones are allowed.
                    cost[i, j] = seed % 2 == 0 ? random.Next(-3, 5) : random.NextDouble();
                }
            }

            int[] found = OptimalAssignment.Solve(cost);

            int[] taken = [.. found.Where(c => c >= 0)];
            Assert.Equal(Math.Min(rows, columns), taken.Length);
            Assert.Equal(taken.Length, taken.Distinct().Count());
            double total = Enumerable.Range(0, rows).Where(i => found[i] >= 0).Sum(i => cost[i, found[i]]);
            Assert.True(Math.Abs(total - BruteForce(cost, 0, new bool[columns], Math.Max(0, rows - columns))) < 1e-9, $"seed {seed}");
        }
    }

    private static double BruteForce(double[,] cost, int row, bool[] used, int skips)
    {
        if (row == cost.GetLength(0))
        {
            return 0;
        }

        double best = skips > 0 ? BruteForce(cost, row + 1, used, skips - 1) : double.PositiveInfinity;
        for (int j = 0; j < used.Length; j++)
        {
            if (!used[j])
            {
                used[j] = true;
                best = Math.Min(best, cost[row, j] + BruteForce(cost, row + 1, used, skips));
                used[j] = false;
            }
        }

        return best;
    }
}
