using System.Buffers.Binary;
using System.Text;

namespace OrleansSegments.Engine.Identity;

/// <summary>Another id of a customer: that of a visitor who signed in, or one that an alias call named.</summary>
/// <param name="Id">The other id.</param>
/// <param name="SinceMilliseconds">The earliest moment at which an event named both, Unix milliseconds.</param>
/// <param name="HasState">True when the features of the other id are part of this customer's; false when there were none, or another customer has them.</param>
/// <param name="HasSpilled">True when the store may hold messages under the other id that still count as repeats.</param>
public sealed record Alias(string Id, long SinceMilliseconds, AliasPhase Phase, bool HasState = false, bool HasSpilled = false);

/// <summary>How far a merge has come. The numbers are stored and never reused.</summary>
public enum AliasPhase : byte
{
    /// <summary>Both ids are known to be one customer; what happened under the other id is still to be added.</summary>
    Pending = 1,

    /// <summary>What happened under the other id is added.</summary>
    Merged = 2,

    /// <summary>The merge is being undone: this customer has given up its part, the other id has not taken it back yet.</summary>
    Parting = 3,

    /// <summary>The merge was undone; the two stay apart whatever events name both.</summary>
    Parted = 4,
}

/// <summary>The aliases of one customer as they stand in its state, little-endian: per alias phase and flags (1 byte), time (8),
/// length of the id (2), the id in UTF-8. Ordered by id, so that equal sets have equal bytes.</summary>
public static class AliasList
{
    /// <summary>Aliases of one customer; further ones are refused.</summary>
    public const int CountMax = 100;

    private const int EntryHeaderBytes = 11;
    private const byte SpilledFlag = 0x80;
    private const byte StateFlag = 0x40;
    private const byte PhaseMask = 0x3F;

    public static Alias[] Read(ReadOnlySpan<byte> bytes)
    {
        var aliases = new List<Alias>();
        for (var rest = bytes; rest.Length > 0; rest = rest[LengthOf(rest)..])
        {
            aliases.Add(new Alias(
                Encoding.UTF8.GetString(IdOf(rest)),
                BinaryPrimitives.ReadInt64LittleEndian(rest[1..]),
                PhaseOf(rest),
                (rest[0] & StateFlag) != 0,
                (rest[0] & SpilledFlag) != 0));
        }

        return [.. aliases];
    }

    public static byte[] Write(IEnumerable<Alias> aliases)
    {
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[EntryHeaderBytes];
        foreach (var alias in aliases.OrderBy(static alias => alias.Id, StringComparer.Ordinal))
        {
            var id = Encoding.UTF8.GetBytes(alias.Id);
            header[0] = (byte)((byte)alias.Phase | (alias.HasState ? StateFlag : 0) | (alias.HasSpilled ? SpilledFlag : 0));
            BinaryPrimitives.WriteInt64LittleEndian(header[1..], alias.SinceMilliseconds);
            BinaryPrimitives.WriteUInt16LittleEndian(header[9..], (ushort)id.Length);
            stream.Write(header);
            stream.Write(id);
        }

        return stream.ToArray();
    }

    /// <summary>True when the list holds the id, in whatever phase. Allocates nothing.</summary>
    public static bool Holds(ReadOnlySpan<byte> bytes, string id)
    {
        if (bytes.IsEmpty)
        {
            return false;
        }

        Span<byte> sought = stackalloc byte[Encoding.UTF8.GetMaxByteCount(id.Length)];
        sought = sought[..Encoding.UTF8.GetBytes(id, sought)];
        for (var rest = bytes; rest.Length > 0; rest = rest[LengthOf(rest)..])
        {
            if (IdOf(rest).SequenceEqual(sought))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when a merge, or its undoing, is not finished.</summary>
    public static bool IsUnsettled(ReadOnlySpan<byte> bytes)
    {
        for (var rest = bytes; rest.Length > 0; rest = rest[LengthOf(rest)..])
        {
            if (PhaseOf(rest) is AliasPhase.Pending or AliasPhase.Parting)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The aliases of two customers who become one, without its own id. An id in both lists is merged when one of them has its features. If neither has them
    /// and one still waits for them, the merge stays pending: the features may have been promised to that one, which can no longer take them.
    /// </summary>
    public static Alias[] Unite(IEnumerable<Alias> one, IEnumerable<Alias> other, string ownId) =>
    [
        .. one.Concat(other).Where(alias => alias.Id != ownId).GroupBy(static alias => alias.Id, StringComparer.Ordinal).Select(static same => new Alias(
            same.Key,
            same.Min(static alias => alias.SinceMilliseconds),
            PhaseOf(same),
            same.Any(static alias => alias.HasState),
            same.Any(static alias => alias.HasSpilled))),
    ];

    private static AliasPhase PhaseOf(IEnumerable<Alias> same) =>
        !same.Any(static alias => alias.HasState) && same.Any(static alias => alias.Phase == AliasPhase.Pending)
            ? AliasPhase.Pending
            : same.Max(static alias => alias.Phase);

    private static AliasPhase PhaseOf(ReadOnlySpan<byte> entry) => (AliasPhase)(entry[0] & PhaseMask);

    private static int LengthOf(ReadOnlySpan<byte> entry) => EntryHeaderBytes + BinaryPrimitives.ReadUInt16LittleEndian(entry[9..]);

    private static ReadOnlySpan<byte> IdOf(ReadOnlySpan<byte> entry) => entry[EntryHeaderBytes..LengthOf(entry)];
}
