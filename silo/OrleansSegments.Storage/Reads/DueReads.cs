using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Reads;

/// <summary>
/// Reads of deadlines. The index gives rows in the order of <c>due_indexed</c>, which is at most the deadline: reading stops when the page
/// is full and the index is past its last deadline.
/// </summary>
internal static class DueReads
{
    private static readonly Comparer<DueCustomer> Order = Comparer<DueCustomer>.Create(static (left, right) =>
        left.DueAtMilliseconds != right.DueAtMilliseconds
            ? left.DueAtMilliseconds.CompareTo(right.DueAtMilliseconds)
            : CustomerId.Compare(left.CustomerId, right.CustomerId));

    public static IReadOnlyList<DueCustomer> Read(ReadConnection connection, (StoreMemory Memory, long Until, int Limit) ask)
    {
        var look = ask.Memory.EarliestDeadline.BeginLook();
        var view = ask.Memory.Unmerged.View;
        var next = long.MaxValue;
        var page = new SortedSet<DueCustomer>(Order);
        foreach (var (id, customer) in view.Customers())
        {
            var due = customer.DueAtMilliseconds ?? long.MaxValue;
            if (due > ask.Until)
            {
                next = Math.Min(next, due);
            }
            else
            {
                Add(page, new DueCustomer(id, customer.Version, due), ask.Limit);
            }
        }

        var rows = connection.Due.Bind(1, ask.Until);
        while (rows.Step() && (page.Count < ask.Limit || rows.Int64(0) <= page.Max.DueAtMilliseconds))
        {
            var id = rows.Text(3);
            if (view.Find(id) is not null)
            {
                continue;
            }

            var due = rows.Int64OrNull(1) ?? long.MaxValue;
            if (due > rows.Int64(0))
            {
                ask.Memory.PassedDeadlines.Add(id);
            }

            if (due > ask.Until)
            {
                next = Math.Min(next, due);
            }
            else
            {
                Add(page, new DueCustomer(id, rows.Int64(2), due), ask.Limit);
            }
        }

        ask.Memory.EarliestDeadline.EndLook(look, page.Count > 0 ? page.Min.DueAtMilliseconds : Next(connection, ask.Until, next));
        return [.. page];
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

    private static long? Next(ReadConnection connection, long until, long next)
    {
        connection.NextIndexedDue.Bind(1, until).Step();
        next = Math.Min(next, connection.NextIndexedDue.Int64OrNull(0) ?? long.MaxValue);
        return next == long.MaxValue ? null : next;
    }
}
