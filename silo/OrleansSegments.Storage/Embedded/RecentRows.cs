using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// What the check of a change needs to know of customers that were changed recently, so that it does not read them. A table of sets of
/// <see cref="Ways"/> entries of 32 bytes; a full set gives up an entry in turn. It grows with the population up to a limit and is used by
/// the commit thread alone. Customers are told apart by a keyed hash of 64 bits: among ten million of them two are taken for one with a probability
/// of 1 in 100,000, and then version and segment must be the same too.
/// </summary>
internal sealed class RecentRows(int entriesMax)
{
    public const int BytesEach = 32;

    private const int Ways = 8;
    private const int EntriesMin = 4_096;

    private readonly IdHash _hash = new(RandomNumberGenerator.GetBytes(16));
    private Entry[] _entries = new Entry[Math.Min(EntriesMin, Rounded(entriesMax))];
    private uint _turn;

    /// <summary>The entry is none when <see cref="Entry.Version"/> is 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public ulong Hash;
        public long Listed;
        public long LastTransition;
        public int SegmentId;
        public uint Version;
    }

    public ulong HashOf(string customerId)
    {
        Span<byte> utf8 = stackalloc byte[CustomerId.Utf8BytesMax];
        return _hash.Of(utf8[..Encoding.UTF8.GetBytes(customerId, utf8)]);
    }

    public bool TryGet(ulong hash, out CustomerRow row)
    {
        foreach (ref readonly var entry in SetOf(_entries, hash))
        {
            if (entry.Hash == hash && entry.Version != 0)
            {
                row = new CustomerRow
                {
                    Version = entry.Version, SegmentId = entry.SegmentId, Listed = entry.Listed, LastTransition = entry.LastTransition, Due = CustomerRow.Never,
                };
                return true;
            }
        }

        row = CustomerRow.Absent;
        return false;
    }

    public void Set(ulong hash, in CustomerRow row) => Set(_entries, new Entry
    {
        Hash = hash,
        Listed = row.Listed,
        LastTransition = row.LastTransition,
        SegmentId = row.SegmentId,

        // A version beyond 32 bits is none: its customer is read each time.
        Version = row.Version <= uint.MaxValue ? (uint)row.Version : 0,
    });

    /// <summary>Forgets everything: the database may hold something else.</summary>
    public void Clear() => Array.Clear(_entries);

    /// <summary>Makes room for more when most of the population may be here.</summary>
    public void Fit(long population)
    {
        if (population < _entries.Length * 9L / 10 || _entries.Length >= Rounded(entriesMax))
        {
            return;
        }

        var larger = new Entry[Rounded((int)Math.Min(entriesMax, Math.Max(population, _entries.Length) * 3 / 2))];
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (entry.Version != 0)
            {
                Set(larger, entry);
            }
        }

        _entries = larger;
    }

    private static int Rounded(int entries) => Math.Max(entries / Ways, 1) * Ways;

    private static Span<Entry> SetOf(Entry[] entries, ulong hash) =>
        entries.AsSpan((int)Math.BigMul(hash, (ulong)(entries.Length / Ways), out _) * Ways, Ways);

    private void Set(Entry[] entries, in Entry entry)
    {
        var set = SetOf(entries, entry.Hash);
        ref var place = ref Unsafe.NullRef<Entry>();
        foreach (ref var other in set)
        {
            if (other.Hash == entry.Hash)
            {
                other = entry;
                return;
            }

            if (other.Version == 0 && Unsafe.IsNullRef(ref place))
            {
                place = ref other;
            }
        }

        if (Unsafe.IsNullRef(ref place))
        {
            place = ref set[(int)(_turn++ % Ways)];
        }

        place = entry;
    }
}
