using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OrleansSegments.Engine.Features;

/// <summary>Applies facts to the cells of one customer: first decays all to the newest time, then applies fact by fact.</summary>
internal static class FeatureUpdate
{
    /// <summary>Smaller values cannot influence any result; they become zero and are dropped from the state.</summary>
    private const double Negligible = 1e-200;

    public static void DecayTo(StateLayout layout, Span<double> cells, long newReference)
    {
        var elapsed = newReference - cells[StateLayout.LastEventCell];
        if (cells[StateLayout.LastEventCell] <= 0 || elapsed <= 0)
        {
            cells[StateLayout.LastEventCell] = Math.Max(cells[StateLayout.LastEventCell], newReference);
            return;
        }

        cells[StateLayout.LastEventCell] = newReference;
        for (var half = 0; half < layout.HalfLives.Length; half++)
        {
            Scale(cells[layout.SumStarts[half]..layout.SumStarts[half + 1]], Factor(elapsed, layout.HalfLives[half]));
        }
    }

    /// <summary>Adds one event. The cells must already be decayed to the event's time or a later one.</summary>
    /// <param name="weights">Buffer, one value per half-life; NaN where not yet computed for <paramref name="weightsAge"/>.</param>
    public static void Add(StateLayout layout, scoped Span<double> cells, scoped ref FactsCursor facts, scoped Span<double> weights, ref double weightsAge)
    {
        var time = (double)facts.OccurredAt;
        var age = cells[StateLayout.LastEventCell] - time;
        if (!age.Equals(weightsAge))
        {
            weights.Fill(double.NaN);
            weightsAge = age;
        }

        ref var first = ref cells[StateLayout.FirstEventCell];
        first = first > 0 ? Math.Min(first, time) : time;
        cells[StateLayout.EventCountCell]++;
        for (var i = 0; i < facts.FactCount; i++)
        {
            var (cell, bits) = facts.ReadFact();
            var value = BitConverter.UInt64BitsToDouble(bits);
            switch (layout.Ops[cell])
            {
                case CellOp.Sum:
                    var half = layout.HalfLifeOf[cell];
                    if (double.IsNaN(weights[half]))
                    {
                        weights[half] = Factor(age, layout.HalfLives[half]);
                    }

                    cells[cell] += value * weights[half];
                    break;
                case CellOp.Or:
                    MemoryMarshal.Cast<double, ulong>(cells)[cell] |= bits;
                    break;
                case CellOp.Newest:
                    cells[cell] = Math.Max(cells[cell], time);
                    break;
                case CellOp.Oldest:
                    cells[cell] = cells[cell] > 0 ? Math.Min(cells[cell], time) : time;
                    break;
                case CellOp.Last:
                    Replace(cells, cell, value, time, time > cells[cell + 1]);
                    break;
                case CellOp.First:
                    Replace(cells, cell, value, time, cells[cell + 1] <= 0 || time < cells[cell + 1]);
                    break;
            }
        }
    }

    /// <summary>2^(-age / half-life); 1 for an infinite half-life.</summary>
    public static double Factor(double ageMilliseconds, double halfLifeMilliseconds) =>
        ageMilliseconds > 0 ? Math.Exp(-Math.Log(2) * (ageMilliseconds / halfLifeMilliseconds)) : 1;

    private static void Scale(Span<double> sums, double factor)
    {
        var i = 0;
        for (; i + Vector256<double>.Count <= sums.Length; i += Vector256<double>.Count)
        {
            var scaled = Vector256.Create<double>(sums[i..]) * factor;
            (scaled & ~Vector256.LessThan(Vector256.Abs(scaled), Vector256.Create(Negligible))).CopyTo(sums[i..]);
        }

        foreach (ref var sum in sums[i..])
        {
            sum *= factor;
            sum = Math.Abs(sum) < Negligible ? 0 : sum;
        }
    }

    private static void Replace(Span<double> cells, int cell, double value, double time, bool wins)
    {
        // At equal times any value wins over a withdrawn one.
        if (wins || (time.Equals(cells[cell + 1]) && (value > cells[cell] || (double.IsNaN(cells[cell]) && !double.IsNaN(value)))))
        {
            // Adding zero turns a negative zero, which would count as present, into a positive one.
            (cells[cell], cells[cell + 1]) = (value + 0.0, time);
        }
    }
}
