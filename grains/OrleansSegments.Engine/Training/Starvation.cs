namespace OrleansSegments.Engine.Training;

/// <summary>
/// The rule for clusters with too few customers to keep a centre. They are never refilled with the farthest customer, because that would
/// turn an outlier into a segment.
/// </summary>
public static class Starvation
{
    private const int CustomersMin = 50;
    private const double ShareMin = 0.001;

    /// <summary>
    /// Minimum size of a cluster: 0.1 % of the population and 50 customers; where 50 is more than a tenth of an even share (small shops,
    /// demonstrations), a tenth of an even share instead; always at least one.
    /// </summary>
    public static long SizeMin(long population, int clusters)
    {
        double absolute = Math.Min(CustomersMin, population / (10.0 * clusters));
        return Math.Max(1, (long)Math.Ceiling(Math.Max(ShareMin * population, absolute)));
    }

    /// <param name="counts">Customers per cluster after the warm rounds; cluster i continues segment i.</param>
    /// <param name="starvedTrainings">Number of consecutive earlier trainings in which each segment was starved; empty for none.</param>
    public static StarvationVerdict[] Review(IReadOnlyList<long> counts, IReadOnlyList<int> starvedTrainings)
    {
        long needed = SizeMin(counts.Sum(), counts.Count);
        return [.. counts.Select((count, i) =>
            count >= needed ? StarvationVerdict.Healthy
            : i < starvedTrainings.Count && starvedTrainings[i] > 0 ? StarvationVerdict.Retire
            : StarvationVerdict.KeepOldCentre)];
    }
}

/// <summary>What a training does with a segment that has become very small.</summary>
public enum StarvationVerdict
{
    /// <summary>Big enough.</summary>
    Healthy,

    /// <summary>Too small for the first time: the old centre is kept, so that a quiet week does not end a segment.</summary>
    KeepOldCentre,

    /// <summary>Too small again: the segment ends, and its centre moves to where it lowers inertia most.</summary>
    Retire,
}
