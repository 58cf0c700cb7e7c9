namespace OrleansSegments.Storage.Versions;

/// <summary>
/// Remembers the version and segment of customers by a keyed 64-bit hash of the id, so that the usual change is checked without a read
/// of the disk. Open addressing with linear steps, 16 bytes a slot, at most three quarters full. One lock, held for one slot or one growth.
/// A false match needs two ids with one hash (the key is random: about 3e-8 among a million customers) and a stale writer of the same
/// version and segment at once. A mismatch is never trusted: the caller asks the files.
/// </summary>
internal sealed class VersionTable
{
    private const int SlotsMin = 1024;

    private readonly Lock _gate = new();
    private readonly int _entriesMax;
    private Slot[] _slots = new Slot[SlotsMin];
    private int _count;
    private long _epoch;
    private bool _isComplete;

    /// <param name="entriesMax">Above it everything is forgotten.</param>
    /// <param name="isComplete">The store is empty, so that until the first forgetting an unknown customer is an absent one.</param>
    public VersionTable(int entriesMax, bool isComplete)
    {
        _entriesMax = entriesMax;
        _isComplete = isComplete;
    }

    /// <summary>Changes when the table forgets; take it before a read whose result is to be remembered.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public bool TryGet(ulong hash, out CustomerVersion version)
    {
        lock (_gate)
        {
            ref var slot = ref Find(hash);
            if (slot.Hash != 0)
            {
                version = new CustomerVersion(slot.Version, slot.SegmentId);
                return true;
            }

            version = CustomerVersion.Absent;
            return _isComplete;
        }
    }

    /// <summary>Remembers what a commit wrote.</summary>
    public void Set(ulong hash, CustomerVersion version)
    {
        lock (_gate)
        {
            ref var slot = ref Find(hash);
            if (slot.Hash == 0)
            {
                slot = ref Claim(hash);
            }

            Fill(ref slot, version);
        }
    }

    /// <summary>
    /// Remembers what a read found, unless a commit was quicker. A read that began before the table forgot may be older than a forgotten
    /// commit, hence the epoch.
    /// </summary>
    public void AddRead(ulong hash, CustomerVersion version, long epoch)
    {
        lock (_gate)
        {
            if (epoch == _epoch && Find(hash).Hash == 0)
            {
                Fill(ref Claim(hash), version);
            }
        }
    }

    private static void Fill(ref Slot slot, CustomerVersion version)
    {
        // A version beyond 32 bits never matches, so such a customer is simply asked for in the files each time.
        slot.Version = version.Version <= uint.MaxValue ? (uint)version.Version : 0;
        slot.SegmentId = version.SegmentId;
    }

    private ref Slot Claim(ulong hash)
    {
        if (_count >= _entriesMax)
        {
            Array.Clear(_slots);
            _count = 0;
            _isComplete = false;
            Volatile.Write(ref _epoch, _epoch + 1);
        }
        else if (_count >= _slots.Length / 4 * 3)
        {
            Grow();
        }

        _count++;
        ref var slot = ref Find(hash);
        slot.Hash = hash;
        return ref slot;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[old.Length * 2];
        foreach (ref readonly var slot in old.AsSpan())
        {
            if (slot.Hash != 0)
            {
                Find(slot.Hash) = slot;
            }
        }
    }

    private ref Slot Find(ulong hash)
    {
        var mask = (ulong)_slots.Length - 1;
        var index = hash & mask;
        while (_slots[index].Hash != 0 && _slots[index].Hash != hash)
        {
            index = (index + 1) & mask;
        }

        return ref _slots[index];
    }

    private struct Slot
    {
        public ulong Hash;
        public uint Version;
        public int SegmentId;
    }
}
