using System.IO.Hashing;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>Which cell of a customer's state holds what. Cells 0 to 2 are the first event's time, the last event's time (which is
/// also the reference time of all decay) and the number of events; sums follow at the end, those of one half-life side by side.</summary>
internal sealed class StateLayout
{
    public const int FirstEventCell = 0;
    public const int LastEventCell = 1;
    public const int EventCountCell = 2;
    public const int HeaderCells = 3;
    public const int CellsMax = 512;

    /// <summary>Change it when the meaning of a cell changes without a change of the catalogue.</summary>
    private const int MeaningVersion = 1;

    public StateLayout(IReadOnlyCollection<Accumulator> accumulators)
    {
        Accumulators = [.. accumulators.OrderBy(x => x.Op == CellOp.Sum ? x.HalfLifeMilliseconds : 0)];
        HalfLives = [.. Accumulators.Where(x => x.Op == CellOp.Sum).Select(x => x.HalfLifeMilliseconds).Distinct()];
        CellCount = HeaderCells + Accumulators.Sum(x => x.CellCount);
        Ops = new CellOp[CellCount];
        HalfLifeOf = new byte[CellCount];
        SumStarts = new int[HalfLives.Length + 1];
        (Ops[FirstEventCell], Ops[LastEventCell], Ops[EventCountCell]) = (CellOp.Oldest, CellOp.Newest, CellOp.Sum);
        Assign();
        MaskBytes = (CellCount + 7) / 8;
        Hash = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{MeaningVersion}\n{string.Join('\n', Accumulators.Select(x => x.Key))}"));
    }

    public IReadOnlyList<Accumulator> Accumulators { get; }

    public int CellCount { get; }

    public int MaskBytes { get; }

    public CellOp[] Ops { get; }

    /// <summary>The distinct half-lives of sums in milliseconds; the index is the factor index.</summary>
    public double[] HalfLives { get; }

    /// <summary>Factor index of each sum cell.</summary>
    public byte[] HalfLifeOf { get; }

    /// <summary>The sums of half-life h are the cells from SumStarts[h] to SumStarts[h + 1].</summary>
    public int[] SumStarts { get; }

    /// <summary>States and facts are readable under this layout if and only if they carry this hash.</summary>
    public ulong Hash { get; }

    private void Assign()
    {
        var cell = HeaderCells;
        var half = -1;
        foreach (var accumulator in Accumulators)
        {
            if (accumulator.Op == CellOp.Sum && (half < 0 || !HalfLives[half].Equals(accumulator.HalfLifeMilliseconds)))
            {
                SumStarts[++half] = cell;
            }

            accumulator.Cell = cell;
            for (var i = 0; i < accumulator.CellCount && cell + i < Ops.Length; i++)
            {
                Ops[cell + i] = i > 0 && accumulator.Op != CellOp.Or ? CellOp.TimeOfPrevious : accumulator.Op;
                HalfLifeOf[cell + i] = (byte)Math.Max(0, half);
            }

            cell += accumulator.CellCount;
        }

        SumStarts[HalfLives.Length] = cell;
    }
}
