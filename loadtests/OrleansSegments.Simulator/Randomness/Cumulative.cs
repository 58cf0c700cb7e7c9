namespace OrleansSegments.Simulator.Randomness;

/// <summary>Turns weights into the rising shares that <see cref="CounterRandom.NextIndex"/> searches.</summary>
internal static class Cumulative
{
    public static double[] Of(ReadOnlySpan<double> weights)
    {
        double[] cumulative = new double[weights.Length];
        Fill(weights, cumulative);
        return cumulative;
    }

    public static void Fill(ReadOnlySpan<double> weights, Span<double> cumulative)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            cumulative[i] = sum;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            cumulative[i] /= sum;
        }
    }
}
