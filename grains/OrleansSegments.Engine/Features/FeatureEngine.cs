using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Applies facts to customers' states and evaluates features, under one catalogue. A state is an opaque immutable byte array, empty for a
/// customer without events. Pure and thread-safe.
/// </summary>
/// <remarks>The same set of events gives the same features (to 1e-9 relative) in any order and any batching; only of two statements about one
/// trait in the same millisecond the later one of a batch wins, and traits beyond the limit of bytes depend on the order. A message is applied once
/// within the time of its <see cref="MessageWindow"/>. A state holds only a few message ids; a busy customer's older ones are spilled, and
/// the caller must store them and look them up when <see cref="FindUncertain"/> asks for it.</remarks>
public sealed class FeatureEngine
{
    /// <summary>Maximum number of message ids in a state; the rest is spilled.</summary>
    public const int MessagesMax = MessageList.CountMax;

    /// <summary>Traits kept per customer; beyond it those that were set longest ago are dropped.</summary>
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

    /// <summary>False for facts that were read with another layout; they must be read again from the events.</summary>
    public bool CanReadFacts(ReadOnlySpan<byte> facts) => FactsCursor.CanRead(facts, _layout.Hash);

    /// <summary>
    /// Keys of messages that may be repeats: the state cannot tell, because it has spilled message ids that have not expired. Empty for a
    /// customer that is not busy.
    /// </summary>
    /// <exception cref="StateLayoutException">Thrown when state or facts belong to another layout.</exception>
    public ulong[] FindUncertain(ReadOnlySpan<byte> state, ReadOnlySpan<byte> facts, uint nowMinutes)
    {
        Demand(state, facts);
        var messages = new StateFormat(state).Messages;
        if (messages.SpilledUntil < nowMinutes)
        {
            return [];
        }

        var uncertain = new ulong[FactsCursor.EventCount(facts)];
        return uncertain[..Fresh(messages, facts, nowMinutes, [], uncertain, out _)];
    }

    /// <summary>Applies the facts of messages that are not repeats.</summary>
    /// <param name="known">The uncertain messages that are repeats.</param>
    /// <exception cref="StateLayoutException">Thrown when state or facts belong to another layout.</exception>
    [SkipLocalsInit]
    public AppliedFacts Apply(ReadOnlySpan<byte> state, ReadOnlySpan<byte> facts, MessageWindow window, ReadOnlySpan<ulong> known)
    {
        Demand(state, facts);
        var events = FactsCursor.EventCount(facts);
        var rented = events > KeysOnStackMax ? ArrayPool<ulong>.Shared.Rent(events) : null;
        Span<ulong> fresh = rented ?? stackalloc ulong[KeysOnStackMax];
        try
        {
            var old = new StateFormat(state);
            var applied = Fresh(old.Messages, facts, window.NowMinutes, known, fresh, out var newest);
            return applied == 0
                ? new AppliedFacts(state.ToArray(), 0, events, [])
                : new AppliedFacts(Apply(old, facts, window, fresh[..applied], newest, out var spilled, out var dropped), applied, events - applied, spilled)
                {
                    TraitsDropped = dropped,
                };
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<ulong>.Shared.Return(rented);
            }
        }
    }

    /// <summary>The state of two customers who turned out to be one; the aliases are those of <paramref name="state"/>.</summary>
    /// <exception cref="StateLayoutException">A state belongs to another layout.</exception>
    public AppliedFacts Merge(ReadOnlySpan<byte> state, ReadOnlySpan<byte> other, MessageWindow window) => StateMerge.Merge(this, _layout, state, other, window);

    /// <summary>Undoes a merge: takes out again what was added, and keeps what happened since.</summary>
    /// <param name="part">The state that was added.</param>
    /// <param name="before">The state just before.</param>
    /// <exception cref="StateLayoutException">A state belongs to another layout.</exception>
    public byte[] Unmerge(ReadOnlySpan<byte> state, ReadOnlySpan<byte> part, ReadOnlySpan<byte> before) => StateMerge.Unmerge(this, _layout, state, part, before);

    /// <summary>The other ids of the customer, encoded as <see cref="Identity.AliasList"/> reads them.</summary>
    public static ReadOnlySpan<byte> AliasesOf(ReadOnlySpan<byte> state) => new StateFormat(state).Aliases;

    /// <summary>True when the state has messages of which the store may hold the ids.</summary>
    public static bool HasSpilled(ReadOnlySpan<byte> state) => new StateFormat(state).Messages.SpilledUntil > 0;

    /// <summary>The same state with other aliases.</summary>
    /// <param name="aliases">As <see cref="Identity.AliasList"/> writes them.</param>
    public byte[] WithAliases(ReadOnlySpan<byte> state, ReadOnlySpan<byte> aliases)
    {
        Span<double> cells = stackalloc double[_layout.CellCount];
        Expand(state, cells);
        var old = new StateFormat(state);
        var changed = StateFormat.Write(_layout, MemoryMarshal.Cast<double, ulong>(cells), old.Messages, old.TraitCount, old.Traits.Length, aliases, out var traits);
        old.Traits.CopyTo(traits);
        return changed;
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

    /// <summary>Time of the newest event; 0 when there is none.</summary>
    public static long LastEventAt(ReadOnlySpan<byte> state) => (long)new StateFormat(state).Early(StateLayout.LastEventCell);

    /// <summary>Time of the oldest event; 0 when there is none.</summary>
    public static long FirstEventAt(ReadOnlySpan<byte> state) => (long)new StateFormat(state).Early(StateLayout.FirstEventCell);

    public static long EventCount(ReadOnlySpan<byte> state) => (long)new StateFormat(state).Early(StateLayout.EventCountCell);

    /// <summary>The traits as one JSON object, sorted by name, without traits that were set to null.</summary>
    public static byte[] ReadTraits(ReadOnlySpan<byte> state) => TraitJson.Write(state);

    /// <summary>How many bytes of the state are header and cells, remembered messages, and traits.</summary>
    public static (int Cells, int Messages, int Traits) SizeOf(ReadOnlySpan<byte> state)
    {
        var format = new StateFormat(state);
        return (state.Length - format.Messages.Bytes - format.Traits.Length - format.Aliases.Length, format.Messages.Bytes, format.Traits.Length);
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

    /// <summary>Collects the keys that are neither in the list nor otherwise known, in order, and the newest of their times.</summary>
    private static int Fresh(
        MessageList messages, ReadOnlySpan<byte> facts, uint nowMinutes, ReadOnlySpan<ulong> known, Span<ulong> fresh, out long newest)
    {
        var count = 0;
        newest = 0;
        var cursor = new FactsCursor(facts);
        while (cursor.MoveNext())
        {
            if (!messages.Knows(cursor.Key, nowMinutes) && !known.Contains(cursor.Key) && !fresh[..count].Contains(cursor.Key))
            {
                fresh[count++] = cursor.Key;
                newest = Math.Max(newest, cursor.OccurredAt);
            }
        }

        return count;
    }

    [SkipLocalsInit]
    private byte[] Apply(
        StateFormat old, ReadOnlySpan<byte> facts, MessageWindow window, ReadOnlySpan<ulong> fresh, long newest, out SpilledMessage[] spilled,
        out int traitsDropped)
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
            // Fresh keys are in the order of the blob; the first event with a key counts.
            if (cursor.Key != fresh[next])
            {
                continue;
            }

            next++;
            setsTraits |= cursor.TraitCount > 0;
            for (var i = 0; i < cursor.TraitCount; i++)
            {
                var (name, value) = cursor.ReadTrait();
                traits.Set(cursor.OccurredAt, name, value);
            }

            FeatureUpdate.Add(_layout, cells, ref cursor, weights, ref weightsAge);
        }

        if (setsTraits)
        {
            traits.Load(old.TraitCount);
            Catalogue.TraitFeatures.Follow(cells, traits);
        }

        traitsDropped = traits.Dropped;
        Span<ulong> keys = stackalloc ulong[MessageList.CountMax];
        Span<uint> untils = stackalloc uint[MessageList.CountMax];
        var messages = old.Messages.With(fresh, window, keys, untils, out spilled);
        var packed = MemoryMarshal.Cast<double, ulong>(cells);
        if (!setsTraits)
        {
            var unchanged = StateFormat.Write(_layout, packed, messages, old.TraitCount, old.Traits.Length, old.Aliases, out var oldBytes);
            old.Traits.CopyTo(oldBytes);
            return unchanged;
        }

        var state = StateFormat.Write(_layout, packed, messages, traits.Count, traits.ByteCount(), old.Aliases, out var traitBytes);
        traits.Write(traitBytes);
        return state;
    }

    private void Demand(ReadOnlySpan<byte> state, ReadOnlySpan<byte> facts)
    {
        Demand(state);
        if (!CanReadFacts(facts))
        {
            throw new StateLayoutException("The facts were read under another feature catalogue; read the events again.");
        }
    }

    private void Demand(ReadOnlySpan<byte> state)
    {
        if (!CanRead(state))
        {
            throw new StateLayoutException("The state was made under another feature catalogue; convert it with StateMigration.");
        }
    }
}

/// <summary>The result of applying facts.</summary>
/// <param name="State">The new state; equals the old one when <paramref name="Applied"/> is 0.</param>
/// <param name="Duplicates">Number of repeats, which changed nothing.</param>
/// <param name="Spilled">Messages that the state no longer remembers; they must become durable together with it.</param>
public readonly record struct AppliedFacts(byte[] State, int Applied, int Duplicates, SpilledMessage[] Spilled)
{
    /// <summary>How often a trait did not fit beside the customer's others.</summary>
    public int TraitsDropped { get; init; }
}
