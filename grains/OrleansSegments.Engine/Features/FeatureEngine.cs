using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>Applies facts to the states of customers and evaluates features, under one catalogue. A state is an opaque immutable byte array,
/// empty for a customer without events. Pure and safe for many threads.</summary>
/// <remarks>The same set of events gives the same features (to 1e-9 relative) in any order and any batching. A message is applied once while
/// its id is among the last <see cref="SeenMessagesMax"/> of the customer.</remarks>
public sealed class FeatureEngine
{
    /// <summary>Message ids remembered per customer, oldest forgotten first.</summary>
    public const int SeenMessagesMax = 256;

    /// <summary>Traits kept per customer; beyond it the names that come last in byte order go.</summary>
    public const int TraitsMax = TraitTable.TraitsMax;

    private const int KeysOnStackMax = 64;

    private readonly StateLayout _layout;
    private readonly CompiledFeature[] _features;

    public FeatureEngine(FeatureCatalogue catalogue)
    {
        Catalogue = catalogue;
        _layout = catalogue.Layout;
        _features = catalogue.Compiled;
    }

    public FeatureCatalogue Catalogue { get; }

    /// <summary>Length of every feature vector.</summary>
    public int FeatureCount => _features.Length;

    internal int CellCount => _layout.CellCount;

    /// <summary>False for a state of another layout; see <see cref="StateMigration"/>.</summary>
    public bool CanRead(ReadOnlySpan<byte> state) => StateFormat.CanRead(state, _layout.Hash);

    /// <summary>False for facts that a reader with another layout made; they must be read again from the events.</summary>
    public bool CanReadFacts(ReadOnlySpan<byte> facts) => FactsCursor.CanRead(facts, _layout.Hash);

    /// <summary>Returns the state after the facts. With <paramref name="applied"/> 0 it equals the old one.</summary>
    /// <exception cref="StateLayoutException">State or facts belong to another layout.</exception>
    [SkipLocalsInit]
    public byte[] Apply(ReadOnlySpan<byte> state, ReadOnlySpan<byte> facts, out int applied, out int duplicates)
    {
        Demand(state);
        if (!CanReadFacts(facts))
        {
            throw new StateLayoutException("The facts were read under another feature catalogue; read the events again.");
        }

        var events = FactsCursor.EventCount(facts);
        var rented = events > KeysOnStackMax ? ArrayPool<ulong>.Shared.Rent(events) : null;
        Span<ulong> fresh = rented ?? stackalloc ulong[KeysOnStackMax];
        try
        {
            var old = new StateFormat(state);
            applied = Fresh(old.Seen, facts, fresh, out var newest);
            duplicates = events - applied;
            return applied == 0 ? state.ToArray() : Apply(old, facts, fresh[..applied], newest);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<ulong>.Shared.Return(rented);
            }
        }
    }

    /// <summary>Writes the transformed values at a moment: finite, or NaN where the model shall impute the population's centre.
    /// Unscaled and unweighted. A moment before the newest event counts as that event's moment.</summary>
    /// <param name="values">At least <see cref="FeatureCount"/> long.</param>
    [SkipLocalsInit]
    public void Evaluate(ReadOnlySpan<byte> state, long atMilliseconds, Span<double> values)
    {
        Span<double> cells = stackalloc double[_layout.CellCount];
        Expand(state, cells);
        EvaluateCells(cells, atMilliseconds, values);
    }

    /// <summary>The same in natural units (days, money, shares), for display; NaN where unknown.</summary>
    public void EvaluateNatural(ReadOnlySpan<byte> state, long atMilliseconds, Span<double> values)
    {
        Span<double> cells = stackalloc double[_layout.CellCount];
        Expand(state, cells);
        Span<double> factors = stackalloc double[_layout.HalfLives.Length + 1];
        var at = FeatureEvaluation.Factors(_layout, cells, atMilliseconds, factors);
        FeatureEvaluation.Natural(_features, cells, factors, at, values);
    }

    /// <summary>Time of the newest event; 0 if there is none.</summary>
    public static long LastEventAt(ReadOnlySpan<byte> state) => (long)new StateFormat(state).Early(StateLayout.LastEventCell);

    /// <summary>Time of the oldest event; 0 if there is none.</summary>
    public static long FirstEventAt(ReadOnlySpan<byte> state) => (long)new StateFormat(state).Early(StateLayout.FirstEventCell);

    public static long EventCount(ReadOnlySpan<byte> state) => (long)new StateFormat(state).Early(StateLayout.EventCountCell);

    /// <summary>The traits as one JSON object, sorted by name; a trait that was set to null is left out.</summary>
    public static byte[] ReadTraits(ReadOnlySpan<byte> state) => TraitJson.Write(state);

    /// <summary>Bytes that say how many of the state are what: header and cells, seen messages, traits.</summary>
    public static (int Cells, int Seen, int Traits) SizeOf(ReadOnlySpan<byte> state)
    {
        var format = new StateFormat(state);
        var seen = format.Seen.Length * sizeof(ulong);
        return (state.Length - seen - format.Traits.Length, seen, format.Traits.Length);
    }

    internal void Expand(ReadOnlySpan<byte> state, Span<double> cells)
    {
        Demand(state);
        cells.Clear();
        new StateFormat(state).Expand(MemoryMarshal.Cast<double, ulong>(cells));
    }

    [SkipLocalsInit]
    internal void EvaluateCells(ReadOnlySpan<double> cells, long atMilliseconds, Span<double> values)
    {
        Span<double> factors = stackalloc double[_layout.HalfLives.Length + 1];
        var at = FeatureEvaluation.Factors(_layout, cells, atMilliseconds, factors);
        FeatureEvaluation.Transformed(_features, Catalogue.Motion, cells, factors, at, values);
    }

    /// <summary>Collects the keys not seen before, in order, and the newest of their times.</summary>
    private static int Fresh(ReadOnlySpan<ulong> seen, ReadOnlySpan<byte> facts, Span<ulong> fresh, out long newest)
    {
        var count = 0;
        newest = 0;
        var cursor = new FactsCursor(facts);
        while (cursor.MoveNext())
        {
            if (!seen.Contains(cursor.Key) && !fresh[..count].Contains(cursor.Key))
            {
                fresh[count++] = cursor.Key;
                newest = Math.Max(newest, cursor.OccurredAt);
            }
        }

        return count;
    }

    [SkipLocalsInit]
    private byte[] Apply(StateFormat old, ReadOnlySpan<byte> facts, ReadOnlySpan<ulong> fresh, long newest)
    {
        Span<double> cells = stackalloc double[_layout.CellCount];
        Span<double> weights = stackalloc double[_layout.HalfLives.Length + 1];
        Span<TraitTable.Row> rows = stackalloc TraitTable.Row[TraitsMax];
        cells.Clear();
        old.Expand(MemoryMarshal.Cast<double, ulong>(cells));
        FeatureUpdate.DecayTo(_layout, cells, newest);
        var traits = new TraitTable(old.Traits, facts, rows);
        var setsTraits = false;
        var cursor = new FactsCursor(facts);
        var weightsAge = double.NaN;
        for (var next = 0; next < fresh.Length && cursor.MoveNext();)
        {
            // Fresh keys are in the order of the blob; the first event that carries one is the one that counts.
            if (cursor.Key != fresh[next])
            {
                continue;
            }

            next++;
            if (cursor.TraitCount > 0 && !setsTraits)
            {
                setsTraits = true;
                traits.Load(old.TraitCount);
            }

            for (var i = 0; i < cursor.TraitCount; i++)
            {
                var (name, value) = cursor.ReadTrait();
                traits.Set(cursor.OccurredAt, name, value);
            }

            FeatureUpdate.Add(_layout, cells, ref cursor, weights, ref weightsAge);
        }

        var seenNew = fresh[Math.Max(0, fresh.Length - SeenMessagesMax)..];
        var seenOld = old.Seen[Math.Max(0, old.Seen.Length + seenNew.Length - SeenMessagesMax)..];
        var packed = MemoryMarshal.Cast<double, ulong>(cells);
        if (!setsTraits)
        {
            var unchanged = StateFormat.Write(_layout, packed, seenOld, seenNew, old.TraitCount, old.Traits.Length, out var oldBytes);
            old.Traits.CopyTo(oldBytes);
            return unchanged;
        }

        var state = StateFormat.Write(_layout, packed, seenOld, seenNew, traits.Count, traits.ByteCount(), out var traitBytes);
        traits.Write(traitBytes);
        return state;
    }

    private void Demand(ReadOnlySpan<byte> state)
    {
        if (!CanRead(state))
        {
            throw new StateLayoutException("The state was made under another feature catalogue; carry it over with StateMigration.");
        }
    }
}
