using System.Text;

namespace OrleansSegments.Engine.Identity;

/// <summary>What is kept under an id that became another customer's alias, in place of features. Immutable.</summary>
/// <param name="Owners">Whom the id belongs to, from when on, ordered by time; a shared device has had several. At least one.</param>
/// <param name="OwnerOfState">Who has taken over <paramref name="State"/>.</param>
/// <param name="State">The features that went to that owner; empty when nothing had happened under this id. Kept so that the merge can be undone.</param>
/// <param name="OwnerBefore">That owner's features just before.</param>
public sealed record MergedAway(IReadOnlyList<AliasOwner> Owners, string OwnerOfState, byte[] State, byte[] OwnerBefore)
{
    /// <summary>Never the first byte of a state that holds features.</summary>
    private const byte Marker = 0xFE;

    /// <summary>True for what is kept in place of features, false for features.</summary>
    public static bool IsMerged(ReadOnlySpan<byte> state) => !state.IsEmpty && state[0] == Marker;

    /// <summary>Whom an event of a moment belongs to: the newest owner at that moment, and the first one before all of them.</summary>
    public string OwnerAt(long milliseconds) => (Owners.LastOrDefault(owner => owner.SinceMilliseconds <= milliseconds) ?? Owners[0]).Id;

    /// <summary>Adds an owner, or takes the earlier time for one that is there.</summary>
    public MergedAway With(AliasOwner owner)
    {
        var since = Owners.Where(known => known.Id == owner.Id).Select(static known => known.SinceMilliseconds).Append(owner.SinceMilliseconds).Min();
        return this with
        {
            Owners =
            [
                .. Owners.Where(known => known.Id != owner.Id).Append(owner with { SinceMilliseconds = since })
                    .OrderBy(static known => known.SinceMilliseconds).ThenBy(static known => known.Id, StringComparer.Ordinal),
            ],
        };
    }

    public static MergedAway Read(ReadOnlySpan<byte> bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()), Encoding.UTF8);
        if (reader.ReadByte() != Marker)
        {
            throw new InvalidDataException("The record of an id that was merged away does not begin with its marker.");
        }

        var owners = new AliasOwner[reader.ReadInt32()];
        for (var i = 0; i < owners.Length; i++)
        {
            owners[i] = new AliasOwner(reader.ReadString(), reader.ReadInt64());
        }

        return new MergedAway(owners, reader.ReadString(), reader.ReadBytes(reader.ReadInt32()), reader.ReadBytes(reader.ReadInt32()));
    }

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Marker);
        writer.Write(Owners.Count);
        foreach (var owner in Owners)
        {
            writer.Write(owner.Id);
            writer.Write(owner.SinceMilliseconds);
        }

        writer.Write(OwnerOfState);
        writer.Write(State.Length);
        writer.Write(State);
        writer.Write(OwnerBefore.Length);
        writer.Write(OwnerBefore);
        writer.Flush();
        return stream.ToArray();
    }
}

/// <summary>A customer to whom an alias belongs.</summary>
/// <param name="SinceMilliseconds">The earliest moment at which an event named both, Unix milliseconds.</param>
public sealed record AliasOwner(string Id, long SinceMilliseconds);
