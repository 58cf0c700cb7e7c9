namespace OrleansSegments.Engine.Models;

/// <summary>
/// Scaled feature vectors of one part of the population, one row per customer. Layout: blocks of 1,024 rows; within a block feature by
/// feature, each 64-byte aligned. The stride of a feature is one cache line more than its 1,024 floats, because a stride of exactly 4 KiB
/// would map the same row of all features to one set of the L1 cache. One writer, many readers.
/// </summary>
public sealed class FeatureMatrix
{
    public const int BlockRows = 1024;

    internal const int FeatureStride = BlockRows + FloatsPerLine;

    private const int FloatsPerLine = 16;

    private readonly List<Block> _blocks = [];

    /// <param name="columns">Features per row.</param>
    /// <param name="rows">Initial rows, all zero; <see cref="AddRow"/> appends more.</param>
    public FeatureMatrix(int columns, int rows = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        Columns = columns;
        Rows = rows;
        while (_blocks.Count < BlocksFor(rows))
        {
            _blocks.Add(new Block(columns));
        }
    }

    public int Rows { get; private set; }

    public int Columns { get; }

    /// <summary>Number of blocks; all but the last are full.</summary>
    public int Blocks => BlocksFor(Rows);

    /// <summary>Writes one row. The values must come from <see cref="Scaling.FeatureScaling.Apply"/>: on the grid and in range.</summary>
    public void SetRow(int row, ReadOnlySpan<float> values)
    {
        CheckRow(row, values.Length);
        Block block = _blocks[row / BlockRows];
        int at = block.Start + (row % BlockRows);
        for (int i = 0; i < values.Length; i++)
        {
            block.Values[at + (i * FeatureStride)] = values[i];
        }
    }

    /// <summary>Appends a row and returns its index.</summary>
    public int AddRow(ReadOnlySpan<float> values)
    {
        if (Rows == _blocks.Count * BlockRows)
        {
            _blocks.Add(new Block(Columns));
        }

        Rows++;
        SetRow(Rows - 1, values);
        return Rows - 1;
    }

    public void GetRow(int row, Span<float> values)
    {
        CheckRow(row, values.Length);
        Block block = _blocks[row / BlockRows];
        int at = block.Start + (row % BlockRows);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = block.Values[at + (i * FeatureStride)];
        }
    }

    /// <summary>One feature of one block; as many values as the block has rows.</summary>
    public ReadOnlySpan<float> Column(int block, int feature)
    {
        Block held = _blocks[block];
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)Columns);
        return held.Values.AsSpan(held.Start + (feature * FeatureStride), RowsIn(block));
    }

    /// <summary>Rows of a block: 1,024 except in the last one.</summary>
    public int RowsIn(int block) => Math.Min(BlockRows, Rows - (block * BlockRows));

    /// <summary>Pointer to the first value of a block. The arrays are pinned, so it is valid while the matrix is reachable.</summary>
    internal unsafe float* BlockPointer(int block) => _blocks[block].Pointer;

    private static int BlocksFor(int rows) => (rows + BlockRows - 1) / BlockRows;

    private void CheckRow(int row, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        if (length != Columns)
        {
            throw new ArgumentException($"The row has {length} values; the matrix has {Columns} columns.");
        }
    }

    private sealed unsafe class Block
    {
        public Block(int columns)
        {
            Values = GC.AllocateArray<float>((columns * FeatureStride) + FloatsPerLine, pinned: true);
            var address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref Values[0]);
            Start = (int)(((address + 63) & ~(nuint)63) - address) / sizeof(float);
            Pointer = (float*)address + Start;
        }

        public float[] Values { get; }

        public int Start { get; }

        public float* Pointer { get; }
    }
}
