using System.Numerics;

namespace OrleansSegments.Storage.Versions;

/// <summary>
/// Finds the places of entries by the hash of their id: open addressing with linear steps, 8 bytes a slot, at most half full. It knows 32
/// bits of each hash; whoever asks compares the entry itself and goes on when it is another's. One writer; nobody may read meanwhile.
/// </summary>
internal sealed class IdSlots
{
    private Slot[] _slots;
    private int _count;

    public IdSlots(int entriesExpected)
    {
        _slots = new Slot[SizeFor(entriesExpected)];

        // Whoever makes it waits for the memory and not whoever fills it: a first touch costs ten microseconds a page.
        Array.Clear(_slots);
    }

    /// <summary>Whether an entry more would make it more than half full.</summary>
    public bool IsFull => _count >= _slots.Length / 2;

    /// <summary>The first place whose entry may have this hash, or -1.</summary>
    public int First(ulong hash, out uint cursor)
    {
        cursor = (uint)hash & (uint)(_slots.Length - 1);
        return Seek(hash, ref cursor);
    }

    /// <summary>The next place after the one that <paramref name="cursor"/> stands at, or -1.</summary>
    public int Next(ulong hash, ref uint cursor)
    {
        cursor = (cursor + 1) & (uint)(_slots.Length - 1);
        return Seek(hash, ref cursor);
    }

    /// <summary>Adds an entry that is not there; there must be room.</summary>
    public void Add(ulong hash, int place)
    {
        var mask = (uint)(_slots.Length - 1);
        var index = (uint)hash & mask;
        while (_slots[index].PlacePlusOne != 0)
        {
            index = (index + 1) & mask;
        }

        _slots[index] = new Slot { Tag = Tag(hash), PlacePlusOne = place + 1 };
        _count++;
    }

    /// <summary>Empties it and makes room for so many; the caller adds its entries anew.</summary>
    public void Reset(int entriesExpected)
    {
        var size = SizeFor(entriesExpected);
        if (size > _slots.Length)
        {
            _slots = new Slot[size];
        }
        else if (_count > 0)
        {
            Array.Clear(_slots);
        }

        _count = 0;
    }

    private static int SizeFor(int entries) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(entries, 8) * 2);

    private static uint Tag(ulong hash) => (uint)(hash >> 32);

    private int Seek(ulong hash, ref uint cursor)
    {
        var slots = _slots;
        var mask = (uint)(slots.Length - 1);
        while (true)
        {
            ref readonly var slot = ref slots[cursor & mask];
            if (slot.PlacePlusOne == 0 || slot.Tag == Tag(hash))
            {
                return slot.PlacePlusOne - 1;
            }

            cursor = (cursor + 1) & mask;
        }
    }

    private struct Slot
    {
        public uint Tag;
        public int PlacePlusOne;
    }
}
