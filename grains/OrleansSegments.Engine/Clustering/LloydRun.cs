using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Lloyd's algorithm as a state machine without its own loop: the caller lets every part accumulate under <see cref="Centroids"/>, merges
/// the results and calls <see cref="Advance"/> until that returns true. The last round measures the final centroids without moving them, so
/// counts, inertia and labels belong to exactly the published centroids. A round may be repeated: only Advance changes the state.
/// </summary>
public sealed class LloydRun
{
    private readonly LloydOptions _options;
    private readonly List<double> _inertias = [];

    public LloydRun(CentroidSet start, LloydOptions? options = null)
    {
        Centroids = start;
        _options = options ?? LloydOptions.Default;
    }

    /// <summary>The centroids for the next round.</summary>
    public CentroidSet Centroids { get; private set; }

    /// <summary>Number of update rounds so far.</summary>
    public int Rounds { get; private set; }

    public LloydStopReason StopReason { get; private set; }

    /// <summary>The sums of the final centroids once finished; before that, of the previous round.</summary>
    public RoundSums? Measured { get; private set; }

    public bool IsFinished { get; private set; }

    /// <summary>Inertia at the start of each round; it never rises.</summary>
    public IReadOnlyList<double> Inertias => _inertias;

    /// <summary>Takes the merged sums of the current centroids. Returns true when the run is finished.</summary>
    /// <exception cref="ArgumentException">Thrown when the sums refer to other centroids: a late reply, to be ignored.</exception>
    public bool Advance(RoundSums merged)
    {
        if (IsFinished)
        {
            throw new InvalidOperationException("The run is finished; start another one.");
        }

        if (merged.CentroidsHash != Centroids.Hash)
        {
            throw new ArgumentException(
                $"The sums refer to centroids {merged.CentroidsHash:x16}; round {Rounds} needs {Centroids.Hash:x16}.");
        }

        Measured = merged;
        _inertias.Add(merged.Inertia);
        if (_options.RoundsMax == 0)
        {
            StopReason = LloydStopReason.RoundsExhausted;
        }

        if (StopReason != LloydStopReason.None)
        {
            IsFinished = true;
            return true;
        }

        Update(merged);
        return IsFinished;
    }

    /// <summary>Replaces the measured sums after the caller restored some of the centres.</summary>
    internal void Remeasure(RoundSums measured) => Measured = measured;

    private void Update(RoundSums merged)
    {
        long rows = merged.Rows - merged.InvalidRows;
        if (rows == 0)
        {
            StopReason = LloydStopReason.NoRows;
            IsFinished = true;
            return;
        }

        CentroidSet next = merged.Means(Centroids);
        double movement = SquaredMovement(Centroids, next);
        Rounds++;
        StopReason = Judge(merged, rows, movement);
        if (next.Hash == Centroids.Hash)
        {
            // A fixed point: these sums already measure the final centroids.
            StopReason = StopReason == LloydStopReason.None ? LloydStopReason.Still : StopReason;
            IsFinished = true;
        }

        Centroids = next;
    }

    private LloydStopReason Judge(RoundSums merged, long rows, double movement)
    {
        double meanVariance = Variance.Of(merged, Centroids).Total / rows / merged.Dimensions;
        if (Rounds > 1 && merged.Changed < _options.ReassignedShareMin * rows)
        {
            return LloydStopReason.Settled;
        }

        if (movement < _options.MovementMin * meanVariance)
        {
            return LloydStopReason.Still;
        }

        return Rounds >= _options.RoundsMax ? LloydStopReason.RoundsExhausted : LloydStopReason.None;
    }

    private static double SquaredMovement(CentroidSet from, CentroidSet to)
    {
        double sum = 0;
        for (int i = 0; i < from.Values.Length; i++)
        {
            double move = (double)to.Values[i] - from.Values[i];
            sum += move * move;
        }

        return sum;
    }
}

/// <summary>When Lloyd's rounds stop; the first condition met decides.</summary>
public sealed record LloydOptions
{
    public static LloydOptions Default { get; } = new();

    /// <summary>
    /// Maximum number of update rounds; one measuring round follows. With 0 the given centroids are measured and not moved.
    /// </summary>
    public int RoundsMax { get; init; } = 30;

    /// <summary>Stops when less than this share of the customers changed cluster.</summary>
    public double ReassignedShareMin { get; init; } = 0.001;

    /// <summary>Stops when the sum of squared centre movements is below this share of the mean feature variance.</summary>
    public double MovementMin { get; init; } = 1e-4;

    /// <summary>Runs until nothing changes, for tests and small populations.</summary>
    public static LloydOptions Exhaustive { get; } = new() { RoundsMax = 1000, ReassignedShareMin = 0, MovementMin = 0 };
}

/// <summary>Why the rounds stopped.</summary>
public enum LloydStopReason
{
    /// <summary>Still running.</summary>
    None,

    /// <summary>The share of customers that changed cluster fell below the minimum.</summary>
    Settled,

    /// <summary>The movement of the centres fell below the minimum.</summary>
    Still,

    /// <summary>The limit of rounds was reached.</summary>
    RoundsExhausted,

    /// <summary>There was no valid customer.</summary>
    NoRows,
}
