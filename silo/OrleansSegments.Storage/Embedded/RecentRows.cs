using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// Caches what the version check needs of recently changed customers, so that they are not read. A set-associative table with sets of <see
/// cref="Ways"/> entries of 32 bytes; a customer can be in either of two sets, so nine tenths of the entries can be used before any is
/// evicted. It grows with the population up to a limit, to 36 to 40 bytes per customer, and is used only by the commit thread. Customers
/// are identified by a keyed 64-bit hash: among ten million the probability that two collide is 1 in 100,000, and then version and segment
/// would have to be equal too.
/// </summary>
internal sealed class RecentRows(int entriesMax)
{
    public const int BytesEach = 32;

    private const int Ways = 4;
    private const int EntriesMin = 4_096;

    // About 5 ms: moving ten million entries at once would delay commits by a second.
    private const int MovedTogether = 65_536;

    // A random seed per start, so that nobody can construct ids with equal hashes.
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private Entry[] _entries = new Entry[Math.Min(EntriesMin, Rounded(entriesMax))];
    private uint _turn;

    // The entries not moved yet while the table grows; a customer is never in both.
    private Entry[] _smaller = [];
    private int _moved;

    /// <summary>Empty when <see cref="Entry.Version"/> is 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public ulong Hash;
        public long Listed;
        public long LastTransition;
        public int SegmentId;
        public uint Version;
    }

    /// <summary>Never 0, the hash of an empty entry.</summary>
    public ulong HashOf(string customerId)
    {
        Span<byte> utf8 = stackalloc byte[CustomerId.Utf8BytesMax];
        var hash = XxHash3.HashToUInt64(utf8[..Encoding.UTF8.GetBytes(customerId, utf8)], _seed);
        return Math.Max(hash, 1);
    }

    public bool TryGet(ulong hash, out CustomerRow row)
    {
        ref var entry = ref Find(_entries, hash);
        if (Unsafe.IsNullRef(ref entry) && _smaller.Length > 0)
        {
            entry = ref Find(_smaller, hash);
        }

        if (Unsafe.IsNullRef(ref entry) || entry.Version == 0)
        {
            row = CustomerRow.Absent;
            return false;
        }

        row = new CustomerRow
        {
            Version = entry.Version,
            SegmentId = entry.SegmentId,
            Listed = entry.Listed,
            LastTransition = entry.LastTransition,
            Due = CustomerRow.Never,
        };
        return true;
    }

    public void Set(ulong hash, in CustomerRow row)
    {
        if (_smaller.Length > 0)
        {
            ref var outdated = ref Find(_smaller, hash);
            if (!Unsafe.IsNullRef(ref outdated))
            {
                outdated = default;
            }
        }

        Set(new Entry
        {
            Hash = hash,
            Listed = row.Listed,
            LastTransition = row.LastTransition,
            SegmentId = row.SegmentId,

            // A version beyond 32 bits is not cached: that customer is read each time.
            Version = row.Version <= uint.MaxValue ? (uint)row.Version : 0,
        });
    }

    /// <summary>Clears the cache: the database may have other contents.</summary>
    public void Clear()
    {
        Array.Clear(_entries);
        _smaller = [];
    }

    /// <summary>Grows the table when most of the population may be in it; each call moves a part.</summary>
    public void Fit(long population)
    {
        if (_smaller.Length == 0 && population >= _entries.Length * 9L / 10 && _entries.Length < Rounded(entriesMax))
        {
            (_smaller, _moved) = (_entries, 0);
            _entries = new Entry[Rounded((int)Math.Min(entriesMax, Math.Max(population, EntriesMin) * 5 / 4))];
        }

        for (var end = Math.Min(_moved + MovedTogether, _smaller.Length); _moved < end; _moved++)
        {
            if (_smaller[_moved].Version != 0)
            {
                Set(_smaller[_moved]);
                _smaller[_moved] = default;
            }
        }

        _smaller = _moved == _smaller.Length ? [] : _smaller;
    }

    private static int Rounded(int entries) => Math.Max(entries / Ways, 1) * Ways;

    private static Span<Entry> FirstSet(Entry[] entries, ulong hash) => SetAt(entries, hash);

    // Based on other bits than the first set.
    private static Span<Entry> SecondSet(Entry[] entries, ulong hash) => SetAt(entries, BitOperations.RotateLeft(hash, 32) * 0x9E3779B97F4A7C15);

    private static Span<Entry> SetAt(Entry[] entries, ulong hash) =>
        entries.AsSpan((int)Math.BigMul(hash, (ulong)(entries.Length / Ways), out _) * Ways, Ways);

    private static ref Entry Find(Entry[] entries, ulong hash)
    {
        foreach (ref var entry in FirstSet(entries, hash))
        {
            if (entry.Hash == hash)
            {
                return ref entry;
            }
        }

        foreach (ref var entry in SecondSet(entries, hash))
        {
            if (entry.Hash == hash)
            {
                return ref entry;
            }
        }

        return ref Unsafe.NullRef<Entry>();
    }

    private void Set(in Entry entry)
    {
        ref var place = ref PlaceIn(FirstSet(_entries, entry.Hash), entry.Hash, out var isFirst, out var emptyFirst);
        if (!isFirst)
        {
            ref var other = ref PlaceIn(SecondSet(_entries, entry.Hash), entry.Hash, out var isSecond, out var emptySecond);
            if (isSecond || emptySecond > emptyFirst || (emptyFirst == 0 && emptySecond == 0 && (_turn & Ways) != 0))
            {
                place = ref other;
            }
        }

        place = entry;
    }

    /// <summary>The customer's entry, or an empty one, or the one to evict.</summary>
    private ref Entry PlaceIn(Span<Entry> set, ulong hash, out bool isOwn, out int empty)
    {
        ref var place = ref set[(int)(_turn++ % Ways)];
        (isOwn, empty) = (false, 0);
        foreach (ref var entry in set)
        {
            if (entry.Hash == hash)
            {
                isOwn = true;
                return ref entry;
            }

            if (entry.Version == 0)
            {
                place = ref entry;
                empty++;
            }
        }

        return ref place;
    }
}
