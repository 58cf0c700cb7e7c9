using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

public sealed class QualityGatesTests
{
    [Fact]
    public void A_sound_first_model_passes_without_gates_that_compare_with_a_predecessor()
    {
        GateReport report = QualityGates.Judge(Evidence(ClusterData.Groups(1, 2000, 4, 3)));

        Assert.True(report.Passed, report.Verdict);
        Assert.DoesNotContain(report.Gates, g => g.Name is "inertia" or "relabelled" or "populationKept");
    }

    [Fact]
    public void One_value_that_is_not_a_number_holds_the_model_back()
    {
        float[][] rows = ClusterData.Groups(1, 2000, 4, 3);
        rows[1234][2] = float.NaN;

        AssertHeldBack(Evidence(rows), "allFinite");
    }

    [Fact]
    public void A_missing_part_holds_the_model_back() =>
        AssertHeldBack(Evidence(ClusterData.Groups(1, 2000, 4, 3)) with { PopulationExpected = 2500 }, "countsAddUp");

    [Fact]
    public void Values_of_another_scaling_hold_the_model_back()
    {
        float[][] rows = ClusterData.Groups(1, 2000, 4, 3);
        foreach (float[] row in rows[..200])
        {
            row.AsSpan().Fill(4f);
        }

        AssertHeldBack(Evidence(rows), "clampedShare");
    }

    [Fact]
    public void Values_off_the_grid_hold_the_model_back()
    {
        float[][] rows = ClusterData.Groups(1, 2000, 4, 3);
        rows[7][0] = 1e-7f;
        rows[8][0] = 9f;

        GateReport report = AssertHeldBack(Evidence(rows), "onGrid");
        Assert.Equal(2, report.Gates.Single(g => g.Name == "onGrid").Value);
    }

    [Fact]
    public void Each_figure_that_compares_with_the_published_model_has_its_gate()
    {
        GateEvidence sound = Evidence(ClusterData.Groups(1, 2000, 4, 3));

        AssertHeldBack(sound with { PopulationBefore = 2100 }, "populationKept");
        AssertHeldBack(sound with { InertiaBefore = sound.Sums.Inertia * 0.99 }, "inertia");
        AssertHeldBack(sound with { SilhouetteBefore = 0.999 }, "silhouette");
        AssertHeldBack(sound with { Relabelled = 0.16 }, "relabelled");
        AssertHeldBack(sound with { Relabelled = double.NaN }, "relabelled");
        AssertHeldBack(sound with { AdjustedRandIndex = 0.59 }, "agreement");
        Assert.True(QualityGates.Judge(sound with
        {
            PopulationBefore = 2000,
            InertiaBefore = sound.Sums.Inertia,
            Relabelled = 0.1,
            AdjustedRandIndex = 0.9,
        }).Passed);
    }

    [Fact]
    public void A_segment_that_swallows_the_others_holds_the_model_back()
    {
        float[][] rows = [.. Enumerable.Range(0, 1000).Select(i => new float[] { i < 990 ? 0f : 3f, 0f })];
        var centroids = new CentroidSet(2, 2, [0, 0, 3, 0]);

        GateReport report = AssertHeldBack(Evidence(rows, centroids), "largestShare");
        Assert.Contains("99.0 %", report.Verdict);
    }

    private static GateReport AssertHeldBack(GateEvidence evidence, string gate)
    {
        GateReport report = QualityGates.Judge(evidence);

        Assert.False(report.Passed);
        Assert.False(report.Gates.Single(g => g.Name == gate).Passed, report.Verdict);
        return report;
    }

    private static GateEvidence Evidence(float[][] rows, CentroidSet? centroids = null)
    {
        FeatureMatrix matrix = ClusterData.Matrix(rows);
        FeatureMatrix clean = ClusterData.Matrix([.. rows.Where(r => r.All(FeatureGrid.Holds))]);
        CentroidSet chosen = centroids ?? SwapSearch.FromScratch(clean, 3, 1).Centroids;
        return new GateEvidence
        {
            PopulationExpected = rows.Length,
            Sums = new LloydPart(matrix).Accumulate(chosen),
            Audit = MatrixAudit.Of(matrix, FeatureScaling.Identity(matrix.Columns)),
        };
    }
}
