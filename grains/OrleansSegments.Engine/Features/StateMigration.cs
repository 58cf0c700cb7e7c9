using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Converts states from one catalogue to another. Aggregates that both catalogues define identically (same events, conditions, values,
/// half-life and beginning) are kept exactly, whatever the features are called; new ones start empty. The times of the first and last event,
/// the event count, the remembered messages, the traits and the aliases are always kept.
/// </summary>
/// <remarks>See <see cref="StateUpgrade"/> for states of any earlier catalogue of a store.</remarks>
public sealed class StateMigration
{
    private readonly FeatureEngine _old;
    private readonly StateLayout _new;
    private readonly TraitFeatures _traitFeatures;
    private readonly (int From, int To, int Count)[] _moves;

    public StateMigration(FeatureCatalogue from, FeatureCatalogue to)
    {
        _old = new FeatureEngine(from);
        _new = to.Layout;
        _traitFeatures = to.TraitFeatures;
        var known = from.Layout.Accumulators.ToDictionary(x => x.Key, StringComparer.Ordinal);
        _moves =
        [
            (0, 0, StateLayout.HeaderCells),
            .. _new.Accumulators.Where(x => known.ContainsKey(x.Key)).Select(x => (known[x.Key].Cell, x.Cell, x.CellCount)),
        ];
    }

    /// <summary>Number of the new catalogue's stored aggregates that the old one has too.</summary>
    public int AccumulatorsKept => _moves.Length - 1;

    /// <exception cref="StateLayoutException">Thrown when the state is neither empty nor of the old layout.</exception>
    public byte[] Migrate(ReadOnlySpan<byte> state)
    {
        if (state.IsEmpty)
        {
            return [];
        }

        Span<double> from = stackalloc double[_old.Catalogue.Layout.CellCount];
        Span<double> to = stackalloc double[_new.CellCount];
        _old.Expand(state, from);
        to.Clear();
        foreach (var (source, target, count) in _moves)
        {
            from.Slice(source, count).CopyTo(to[target..]);
        }

        // Features over traits that the old catalogue did not have get their values at once.
        var old = new StateFormat(state);
        Span<TraitTable.Row> rows = new TraitTable.Row[TraitTable.TraitsMax];
        var traits = new TraitTable(old.Traits, [], rows);
        traits.Load(old.TraitCount);
        _traitFeatures.Follow(to, traits);
        var migrated = StateFormat.Write(
            _new, MemoryMarshal.Cast<double, ulong>(to), old.Messages, traits.Count, traits.ByteCount(), old.Aliases, out var bytes);
        traits.Write(bytes);
        return migrated;
    }
}

/// <summary>
/// Thrown when a state or facts blob belongs to another catalogue. Check <see cref="FeatureEngine.CanRead"/> first, and convert states with
/// <see cref="StateMigration"/>.
/// An <see cref="IOException"/> like a store's failure: while silos have different catalogues, the caller is told to try again later.
/// </summary>
public sealed class StateLayoutException(string message) : IOException(message);
