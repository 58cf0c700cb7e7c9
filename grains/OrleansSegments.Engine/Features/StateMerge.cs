using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>Adds the state of one customer to that of another, and takes it out again. Adding gives what the events of both would have
/// given in one state (to 1e-9 relative), whichever is added to which.</summary>
internal static class StateMerge
{
    public static AppliedFacts Merge(FeatureEngine engine, StateLayout layout, ReadOnlySpan<byte> state, ReadOnlySpan<byte> other, MessageWindow window)
    {
        Span<double> cells = stackalloc double[layout.CellCount];
        Span<double> others = stackalloc double[layout.CellCount];
        Span<TraitTable.Row> rows = stackalloc TraitTable.Row[FeatureEngine.TraitsMax];
        Span<ulong> keys = stackalloc ulong[MessageList.CountMax];
        Span<uint> untils = stackalloc uint[MessageList.CountMax];
        engine.Expand(state, cells);
        engine.Expand(other, others);
        Add(layout, cells, others);
        var own = new StateFormat(state);
        var theirs = new StateFormat(other);
        var traits = new TraitTable(own.Traits, theirs.Traits, rows);
        traits.Unite(theirs.TraitCount);
        traits.Load(own.TraitCount);
        engine.Catalogue.TraitFeatures.Follow(cells, traits);
        var messages = own.Messages.Unite(theirs.Messages, window, keys, untils, out var spilled);
        var merged = StateFormat.Write(
            layout, MemoryMarshal.Cast<double, ulong>(cells), messages, traits.Count, traits.ByteCount(), own.Aliases, out var traitBytes);
        traits.Write(traitBytes);
        return new AppliedFacts(merged, (int)FeatureEngine.EventCount(other), 0, spilled);
    }

    public static byte[] Unmerge(FeatureEngine engine, StateLayout layout, ReadOnlySpan<byte> state, ReadOnlySpan<byte> part, ReadOnlySpan<byte> before)
    {
        Span<double> cells = stackalloc double[layout.CellCount];
        Span<double> parts = stackalloc double[layout.CellCount];
        Span<double> earlier = stackalloc double[layout.CellCount];
        Span<TraitTable.Row> rows = stackalloc TraitTable.Row[FeatureEngine.TraitsMax];
        engine.Expand(state, cells);
        engine.Expand(part, parts);
        engine.Expand(before, earlier);
        Subtract(layout, cells, parts, earlier);
        var now = new StateFormat(state);
        var added = new StateFormat(part);
        var was = new StateFormat(before);
        var traits = new TraitTable(now.Traits, was.Traits, rows);
        traits.Load(now.TraitCount);
        traits.Remove(added.Traits, added.TraitCount);
        traits.Unite(was.TraitCount);
        engine.Catalogue.TraitFeatures.Follow(cells, traits);
        var unmerged = StateFormat.Write(
            layout, MemoryMarshal.Cast<double, ulong>(cells), now.Messages, traits.Count, traits.ByteCount(), now.Aliases, out var traitBytes);
        traits.Write(traitBytes);
        return unmerged;
    }

    /// <summary>Adds cells of a customer whose reference time may be another; both are decayed to the later one.</summary>
    private static void Add(StateLayout layout, Span<double> cells, Span<double> other)
    {
        var reference = (long)Math.Max(cells[StateLayout.LastEventCell], other[StateLayout.LastEventCell]);
        FeatureUpdate.DecayTo(layout, cells, reference);
        FeatureUpdate.DecayTo(layout, other, reference);
        for (var cell = 0; cell < layout.CellCount; cell++)
        {
            var (mine, theirs) = (cells[cell], other[cell]);
            switch (layout.Ops[cell])
            {
                case CellOp.Sum:
                    cells[cell] = mine + theirs;
                    break;
                case CellOp.Or:
                    MemoryMarshal.Cast<double, ulong>(cells)[cell] |= MemoryMarshal.Cast<double, ulong>(other)[cell];
                    break;
                case CellOp.Newest:
                    cells[cell] = Math.Max(mine, theirs);
                    break;
                case CellOp.Oldest:
                    cells[cell] = mine > 0 && theirs > 0 ? Math.Min(mine, theirs) : Math.Max(mine, theirs);
                    break;
                case CellOp.Last when IsLater(theirs, other[cell + 1], mine, cells[cell + 1], sign: 1):
                case CellOp.First when IsLater(theirs, other[cell + 1], mine, cells[cell + 1], sign: -1):
                    (cells[cell], cells[cell + 1]) = (theirs, other[cell + 1]);
                    break;
            }
        }
    }

    /// <summary>Takes the part of another customer out again. Sums are exact (to 1e-9 relative); where the other one's part decided a
    /// first, last or distinct value, what was there before the merge comes back: nothing, until the next event brings one, where nothing was there.</summary>
    /// <param name="part">The cells that were added.</param>
    /// <param name="before">The cells just before they were added.</param>
    private static void Subtract(StateLayout layout, Span<double> cells, Span<double> part, Span<double> before)
    {
        if (IsUnchangedSince(layout, cells, part, before))
        {
            before.CopyTo(cells);
            return;
        }

        var reference = (long)Math.Max(cells[StateLayout.LastEventCell], part[StateLayout.LastEventCell]);
        var lastEvent = cells[StateLayout.LastEventCell].Equals(part[StateLayout.LastEventCell]) ? before[StateLayout.LastEventCell] : cells[StateLayout.LastEventCell];
        FeatureUpdate.DecayTo(layout, part, reference);
        var now = MemoryMarshal.Cast<double, ulong>(cells);
        var was = MemoryMarshal.Cast<double, ulong>(before);
        var theirs = MemoryMarshal.Cast<double, ulong>(part);
        for (var cell = 0; cell < layout.CellCount; cell++)
        {
            switch (layout.Ops[cell])
            {
                case CellOp.Sum:
                    // What rounding leaves of equal sums is nothing.
                    var rest = cells[cell] - part[cell];
                    cells[cell] = Math.Abs(rest) <= 1e-12 * Math.Abs(part[cell]) ? 0 : rest;
                    break;
                case CellOp.Or:
                    now[cell] &= ~(theirs[cell] & ~was[cell]);
                    break;
                case CellOp.Newest or CellOp.Oldest when cell != StateLayout.LastEventCell && now[cell] == theirs[cell]:
                    now[cell] = was[cell];
                    break;
                case CellOp.Last or CellOp.First when now[cell] == theirs[cell] && now[cell + 1] == theirs[cell + 1]:
                    (now[cell], now[cell + 1]) = (was[cell], was[cell + 1]);
                    break;
            }
        }

        MoveReference(layout, cells, lastEvent);
    }

    /// <summary>True when nothing happened after the merge; then what was before comes back to the bit.</summary>
    private static bool IsUnchangedSince(StateLayout layout, ReadOnlySpan<double> cells, ReadOnlySpan<double> part, ReadOnlySpan<double> before)
    {
        Span<double> merged = stackalloc double[layout.CellCount];
        Span<double> other = stackalloc double[layout.CellCount];
        before.CopyTo(merged);
        part.CopyTo(other);
        Add(layout, merged, other);
        return MemoryMarshal.AsBytes(merged).SequenceEqual(MemoryMarshal.AsBytes(cells));
    }

    /// <summary>True when the other value wins: it has the time that the operation prefers, or the same time and is larger.</summary>
    private static bool IsLater(double theirs, double theirTime, double mine, double myTime, int sign) =>
        theirTime > 0 && (myTime <= 0 || sign * theirTime > sign * myTime || (theirTime.Equals(myTime) && theirs > mine));

    /// <summary>Sums stand at the time of the last event; when that event went, they are taken back to the one before it.</summary>
    private static void MoveReference(StateLayout layout, Span<double> cells, double lastEvent)
    {
        var elapsed = cells[StateLayout.LastEventCell] - lastEvent;
        cells[StateLayout.LastEventCell] = lastEvent;
        for (var half = 0; half < layout.HalfLives.Length && elapsed > 0; half++)
        {
            var factor = FeatureUpdate.Factor(elapsed, layout.HalfLives[half]);
            foreach (ref var sum in cells[layout.SumStarts[half]..layout.SumStarts[half + 1]])
            {
                sum = factor > 0 ? sum / factor : 0;
            }
        }
    }
}
