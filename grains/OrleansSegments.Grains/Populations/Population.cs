using System.Numerics;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>
/// The live customers of a silo, for sweeps and training: grain key and grain side by side, 16 bytes a customer. A change of a customer
/// touches nothing here: a reader asks the grain for a copy of its record.
/// Rows live in chunks that never move; a row keeps its number until it is removed. Any thread may read while customers come and go.
/// </summary>
public sealed class Population
{
    /// <summary>The row of a customer that is not in the population.</summary>
    public const int NoRow = -1;

    /// <summary>The row of a customer that was taken out and never comes back under this grain.</summary>
    public const int ClosedRow = -2;

    private const int ShardCount = 16;
    private const int ChunkRows = 4096;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];

    /// <summary>Live customers.</summary>
    public int Count => _shards.Sum(s => s.Count);

    /// <summary>Parts that can be read side by side.</summary>
    public static int Parts => ShardCount;

    /// <summary>Adds a customer that has just become live, and returns its row.</summary>
    public int Add(string grainKey, ILiveRecord grain)
    {
        uint hash = (uint)string.GetHashCode(grainKey, StringComparison.Ordinal);
        int shard = (int)(hash * 0x9E3779B9u >> (32 - BitOperations.Log2(ShardCount)));
        return (_shards[shard].Add(new Row(grainKey, grain)) * ShardCount) + shard;
    }

    /// <summary>Takes a row out; does nothing for <see cref="NoRow"/> and <see cref="ClosedRow"/>.</summary>
    public void Remove(int row)
    {
        if (row >= 0)
        {
            _shards[row % ShardCount].Remove(row / ShardCount);
        }
    }

    /// <summary>The live customers of one part, each once, as they are when the enumeration reaches them.</summary>
    public IEnumerable<LiveCustomer> Read(int part) => _shards[part].Read();

    private readonly record struct Row(string GrainKey, ILiveRecord? Grain);

    private sealed class Shard
    {
        private readonly Lock _gate = new();
        private readonly Stack<int> _free = new();
        private volatile Row[][] _chunks = [];
        private int _used;

        public int Count { get; private set; }

        public int Add(Row customer)
        {
            lock (_gate)
            {
                int row = _free.TryPop(out int free) ? free : Extend();
                _chunks[row / ChunkRows][row % ChunkRows] = customer;
                Count++;
                return row;
            }
        }

        public void Remove(int row)
        {
            lock (_gate)
            {
                _chunks[row / ChunkRows][row % ChunkRows] = default;
                _free.Push(row);
                Count--;
            }
        }

        public IEnumerable<LiveCustomer> Read()
        {
            var copy = new Row[ChunkRows];
            Row[][] chunks = _chunks;
            foreach (Row[] chunk in chunks)
            {
                // The lock is held for one copy of 64 KB; grains wait microseconds, never for the reader's work.
                lock (_gate)
                {
                    chunk.CopyTo(copy, 0);
                }

                foreach (Row row in copy)
                {
                    if (row.Grain is not { } grain)
                    {
                        continue;
                    }

                    bool isDurable = grain.TryReadDurable(out CustomerRecord? record);
                    if (!isDurable || record is not null)
                    {
                        yield return new LiveCustomer(row.GrainKey, record);
                    }
                }
            }
        }

        private int Extend()
        {
            if (_used == _chunks.Length * ChunkRows)
            {
                _chunks = [.. _chunks, new Row[ChunkRows]];
            }

            return _used++;
        }
    }
}
