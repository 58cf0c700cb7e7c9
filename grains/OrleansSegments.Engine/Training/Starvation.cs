namespace OrleansSegments.Engine.Training;

/// <summary>
/// The rule for clusters that have too few customers to hold a centre. They are never refilled with the farthest customer: that makes an
/// outlier a segment.
/// </summary>
public static class Starvation
{
    private const int CustomersMin = 50;
    private const double ShareMin = 0.001;

    /// <summary>
    /// Customers that a cluster needs: 0.1 % of the population and 50; where 50 is more than a tenth of an even share (small shops, demonstrations),
    /// a tenth of an even share instead, and always one.
    /// </summary>
    public static long SizeMin(long population, int clusters)
    {
        double absolute = Math.Min(CustomersMin, population / (10.0 * clusters));
        return Math.Max(1, (long)Math.Ceiling(Math.Max(ShareMin * population, absolute)));
    }

    /// <param name="counts">Customers per cluster after the warm rounds; cluster i continues segment i.</param>
    /// <param name="starvedTrainings">Trainings in a row that each segment was starved before this one; empty for none.</param>
    public static StarvationVerdict[] Review(IReadOnlyList<long> counts, IReadOnlyList<int> starvedTrainings)
    {
        long needed = SizeMin(counts.Sum(), counts.Count);
        return [.. counts.Select((count, i) =>
            count >= needed ? StarvationVerdict.Healthy
            : i < starvedTrainings.Count && starvedTrainings[i] > 0 ? StarvationVerdict.Retire
            : StarvationVerdict.KeepOldCentre)];
    }
}

/// <summary>What a training does about a segment that has become very small.</summary>
public enum StarvationVerdict
{
    /// <summary>Big enough.</summary>
    Healthy,

    /// <summary>Too small for the first time: its old centre stays, so that a quiet week does not end an identity.</summary>
    KeepOldCentre,

    /// <summary>Too small again: its identity ends, its centre moves to where it lowers inertia most.</summary>
    Retire,
}
