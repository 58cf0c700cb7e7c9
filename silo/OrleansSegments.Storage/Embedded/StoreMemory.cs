using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Embedded;

/// <summary>All that an open store knows without asking the database. Changed by the commit thread alone, after a commit is durable.</summary>
internal sealed class StoreMemory(RocksSizes sizes)
{
    public RecentRows Recent { get; } = new(sizes.RecentRowsMax);

    public CommittedTotals Totals { get; } = new(SegmentTotals.Empty);

    public EarliestDeadline EarliestDeadline { get; } = new(null);

    /// <summary>The days on which <see cref="MessageRow"/>s are forgotten.</summary>
    public uint[] MessageDays
    {
        get => Volatile.Read(ref field);
        private set => Volatile.Write(ref field, value);
    } = [];

    /// <summary>Takes in a commit that is durable.</summary>
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

    /// <summary>Reads afresh what the database says.</summary>
    /// <returns>Null, or in what the database contradicts itself.</returns>
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

        // A commit writes log and totals as one, so a difference at the end is damage. Every row is counted by a check of the store.
        using var log = database.Scan(database.Transitions, ReadSetup.Plain).FromLast();
        var last = log.MoveNext() ? Keys.NumberOf(log.Key) : 0;
        return last == totals.Sequence ? null : $"the totals count up to transition {totals.Sequence} and the log ends at {last}";
    }
}
