using System.Text;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Deadlines;

namespace OrleansSegments.Storage.Embedded;

/// <summary>A page of due customers, and the customers whose index entries are earlier than their deadlines.</summary>
/// <param name="IsWhole">False when so many entries were too early that the page may be incomplete: correct them and read again.</param>
internal sealed record DuePage(IReadOnlyList<DueCustomer> Due, IReadOnlyList<DeadlineUpdate> ListedEarly, bool IsWhole);

/// <summary>
/// Reads deadlines. The index is ordered by <see cref="CustomerRow.Listed"/>, which is at most the deadline: reading stops when the page is
/// full and the index is past the page's last deadline.
/// </summary>
internal static class DueReads
{
    /// <summary>Maximum number of too early entries found by one read before it stops to have them corrected.</summary>
    public const int ListedEarlyMax = 4_096;

    private static readonly Comparer<DueCustomer> Order = Comparer<DueCustomer>.Create(static (left, right) =>
        left.DueAtMilliseconds != right.DueAtMilliseconds
            ? left.DueAtMilliseconds.CompareTo(right.DueAtMilliseconds)
            : CustomerId.Compare(left.CustomerId, right.CustomerId));

    public static DuePage Read(Database database, (EarliestDeadline Earliest, long Until, int Limit) ask)
    {
        var look = ask.Earliest.BeginLook();
        var page = new SortedSet<DueCustomer>(Order);
        var early = new List<DeadlineUpdate>();
        long? first = null;
        using var snapshot = database.Snapshot();
        var sameMoment = ReadSetup.Of(snapshot);

        // Served customers were at the beginning of the index, and their tombstones are slow to skip: start behind them.
        var from = ask.Earliest.Milliseconds ?? long.MinValue;
        using var index = database.Scan(database.Deadlines, sameMoment).From(Keys.Deadline(from, [], stackalloc byte[Keys.BytesMax]));
        while (index.MoveNext())
        {
            var listed = Keys.NumberOf(index.Key);
            first ??= listed;
            if (listed > ask.Until || early.Count == ListedEarlyMax || (page.Count == ask.Limit && listed > page.Max.DueAtMilliseconds))
            {
                break;
            }

            var id = Keys.IdOfDeadline(index.Key);
            var row = CustomerRow.Of(database.Find(id, database.Customers, sameMoment)
                ?? throw new StoreException($"The index of deadlines has customer {Encoding.UTF8.GetString(id)}, which does not exist: restore the data folder from a copy."));
            if (row.Due > listed)
            {
                early.Add(new DeadlineUpdate(Encoding.UTF8.GetString(id), row.Version, row.DueOrNull));
            }

            if (row.Due <= ask.Until)
            {
                Add(page, new DueCustomer(Encoding.UTF8.GetString(id), row.Version, row.Due), ask.Limit);
            }
        }

        ask.Earliest.EndLook(look, first);
        return new DuePage([.. page], early, IsWhole: early.Count < ListedEarlyMax);
    }

    private static void Add(SortedSet<DueCustomer> page, DueCustomer customer, int limit)
    {
        if (page.Count < limit)
        {
            page.Add(customer);
        }
        else if (Order.Compare(customer, page.Max) < 0)
        {
            page.Remove(page.Max);
            page.Add(customer);
        }
    }
}
