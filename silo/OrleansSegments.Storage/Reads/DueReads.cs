using System.Text;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Unmerged;

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
        var page = new SortedSet<DueCustomer>(Order);
        var next = ReadUnmerged(view, view.Current, page, ask.Until, ask.Limit);
        if (view.Merging is { } merging)
        {
            next = Math.Min(next, ReadUnmerged(view, merging, page, ask.Until, ask.Limit));
        }

        var rows = connection.Due.Bind(1, ask.Until);
        while (rows.Step() && (page.Count < ask.Limit || rows.Int64(0) <= page.Max.DueAtMilliseconds))
        {
            if (view.TryFind(ask.Memory.KeyOf(rows.BlobSpan(3)), out _))
            {
                continue;
            }

            var id = rows.Text(3);
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

    /// <summary>Adds those of one layer, and returns a moment before which nobody else in it is due.</summary>
    private static long ReadUnmerged(UnmergedView view, UnmergedGeneration layer, SortedSet<DueCustomer> page, long until, int limit)
    {
        var next = long.MaxValue;
        var due = new List<(int Place, UnmergedCustomer Customer)>();
        for (var block = 0; layer.ReadDue(block, until, due) is { } later; block++)
        {
            next = Math.Min(next, later);
            foreach (var (place, customer) in due)
            {
                var key = layer.KeyAt(place);
                if (ReferenceEquals(layer, view.Current) || !view.Current.TryFind(key, out _))
                {
                    Add(page, new DueCustomer(Encoding.UTF8.GetString(key.Utf8), customer.Version, customer.DueAtMilliseconds!.Value), limit);
                }
            }

            due.Clear();
        }

        return next;
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
