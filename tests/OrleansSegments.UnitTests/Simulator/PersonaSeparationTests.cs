using OrleansSegments.Simulator;
using Xunit;

namespace OrleansSegments.UnitTests.Simulator;

/// <summary>
/// The personas must be discoverable: a plain k-means on plain features, which shares no code with the engine, must find them. Otherwise a
/// low agreement in a demo would say nothing about the engine.
/// </summary>
public sealed class PersonaSeparationTests
{
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    public void A_plain_clustering_finds_the_personas_after_thirty_days(ulong seed)
    {
        var simulation = new Simulation(new SimulationOptions { Customers = 3000, Days = 30, Seed = seed });
        double[][] rows = PlainFeatures.Of(simulation);
        int[] truth = [.. Enumerable.Range(0, rows.Length).Select(c => (int)simulation.TruthAt(c, simulation.Options.Start.AddDays(30)))];
        int[] found = PlainClustering.Labels(rows, groups: 7, seed: (int)seed);
        double index = AdjustedRandIndex.Compute(truth, found);
        Assert.True(index > 0.9, $"seed {seed}: adjusted Rand index {index:0.000}");
    }
}
