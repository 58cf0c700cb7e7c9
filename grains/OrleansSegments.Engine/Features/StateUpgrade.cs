using System.Buffers.Binary;
using OrleansSegments.Engine.Identity;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Brings stored states to the catalogue in force, whichever catalogue they were written under. Every state passes here when it is read
/// from the store; it is written back with the customer's next change. Thread-safe.
/// </summary>
public sealed class StateUpgrade(CatalogueHistory history)
{
    private readonly ulong _current = history.Current!.LayoutHash;

    private readonly Dictionary<ulong, StateMigration> _migrations = history.Earlier
        .Where(x => x.LayoutHash != history.Current!.LayoutHash).DistinctBy(x => x.LayoutHash)
        .ToDictionary(x => x.LayoutHash, x => new StateMigration(x, history.Current!));

    /// <summary>The state under the catalogue in force; the same array when it already is.</summary>
    /// <exception cref="StateLayoutException">Thrown when the store does not know the catalogue that the state was written under.</exception>
    public byte[] Upgrade(byte[] state)
    {
        if (StateFormat.CanRead(state, _current))
        {
            return state;
        }

        if (MergedAway.IsMerged(state))
        {
            return UpgradeMerged(state);
        }

        return state.Length >= StateFormat.HeaderBytes
            && _migrations.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(8)), out var migration)
            ? migration.Migrate(state)
            : throw new StateLayoutException(
                "The state was written under a feature catalogue that this silo does not have; start the silo with the catalogue in force.");
    }

    /// <summary>An id that was merged away keeps two states, so that the merge can be undone under the catalogue of that day.</summary>
    private byte[] UpgradeMerged(byte[] merged)
    {
        var before = MergedAway.Read(merged);
        var after = before with { State = Upgrade(before.State), OwnerBefore = Upgrade(before.OwnerBefore) };
        return ReferenceEquals(after.State, before.State) && ReferenceEquals(after.OwnerBefore, before.OwnerBefore) ? merged : after.Write();
    }
}
