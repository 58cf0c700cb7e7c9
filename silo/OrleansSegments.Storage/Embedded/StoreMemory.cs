using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Embedded;

/// <summary>Everything that an open store keeps in memory. Changed only by the commit thread, after a commit is durable.</summary>
internal sealed class StoreMemory(RocksSizes sizes)
{
    public RecentRows Recent { get; } = new(sizes.RecentRowsMax);

    public CommittedTotals Totals { get; } = new(SegmentTotals.Empty);

    public EarliestDeadline EarliestDeadline { get; } = new(null);

    /// <summary>The days on which stored <see cref="MessageRow"/>s expire.</summary>
    public uint[] MessageDays
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    } = [];

    /// <summary>Applies a durable commit.</summary>
    public void Apply(CommitDraft draft, SegmentTotals totalsAfter)
    {
        var earliest = CustomerRow.Never;
        foreach (ref readonly var customer in draft.Customers)
        {
            if (customer.IsChanged)
            {
                Recent.Set(customer.Hash, in customer.Row);
                earliest = Math.Min(earliest, customer.Row.Due);
            }
        }

        if (draft.MessageDays.Except(MessageDays).Any())
        {
            MessageDays = [.. MessageDays.Where(day => day >= draft.OldestDayKept).Union(draft.MessageDays).Order()];
        }

        Recent.Fit(totalsAfter.Population);
        EarliestDeadline.Lower(earliest);
        Totals.Publish(totalsAfter);
    }

    /// <summary>Reloads everything from the database.</summary>
    /// <returns>Null, or the inconsistency found in the database.</returns>
    public string? Load(Database database)
    {
        var totals = TotalsRow.Read(database.Find(Keys.Totals, family: null));
        Recent.Clear();
        Recent.Fit(totals.Population);
        Totals.Publish(totals);
        MessageDays = [.. MessageRow.Days(database)];
        using (var deadlines = database.Scan(database.Deadlines, ReadSetup.Plain).From([]))
        {
            if (deadlines.MoveNext())
            {
                EarliestDeadline.Lower(Keys.NumberOf(deadlines.Key));
            }
        }

        // A commit writes log and totals atomically, so a mismatch is damage. Counting every row is left to VerifyAsync.
        using var log = database.Scan(database.Transitions, ReadSetup.Plain).FromLast();
        var last = log.MoveNext() ? Keys.NumberOf(log.Key) : 0;
        return last == totals.Sequence ? null : $"the totals count up to transition {totals.Sequence} and the log ends at {last}";
    }
}
