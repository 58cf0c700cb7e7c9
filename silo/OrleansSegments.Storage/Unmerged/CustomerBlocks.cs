using System.Runtime.CompilerServices;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>
/// Customers in the order of their first change, in blocks that never move, each with a bound that no deadline in it is earlier than.
/// One writer; readers hold off the writer.
/// </summary>
internal sealed class CustomerBlocks
{
    public const int CustomersPerBlock = 1 << BlockBits;

    private const int BlockBits = 10;

    private UnmergedCustomer[][] _blocks = [];
    private long[] _earliestDue = [];

    public int Count { get; private set; }

    public int Blocks => (Count + CustomersPerBlock - 1) >> BlockBits;

    public ref UnmergedCustomer this[int place]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _blocks[place >> BlockBits][place & (CustomersPerBlock - 1)];
    }

    public int Add(ref readonly UnmergedCustomer customer)
    {
        var place = Count;
        if (place >> BlockBits == _blocks.Length)
        {
            Grow();
        }

        if ((place & (CustomersPerBlock - 1)) == 0)
        {
            _blocks[place >> BlockBits] = new UnmergedCustomer[CustomersPerBlock];
            _earliestDue[place >> BlockBits] = long.MaxValue;
        }

        Count = place + 1;
        this[place] = customer;
        return place;
    }

    /// <summary>The customers of one block.</summary>
    public ReadOnlySpan<UnmergedCustomer> Block(int block) =>
        _blocks[block].AsSpan(0, Math.Min(CustomersPerBlock, Count - (block << BlockBits)));

    /// <summary>No customer of the block is due before; perhaps none is due even then.</summary>
    public ref long EarliestDue(int block) => ref _earliestDue[block];

    /// <summary>Lowers the bound of the block that the place is in.</summary>
    public void LowerEarliestDue(int place, long due)
    {
        ref var earliest = ref _earliestDue[place >> BlockBits];
        if (due < earliest)
        {
            earliest = due;
        }
    }

    private void Grow()
    {
        var blocks = Math.Max(16, _blocks.Length * 2);
        Array.Resize(ref _blocks, blocks);
        Array.Resize(ref _earliestDue, blocks);
    }
}
