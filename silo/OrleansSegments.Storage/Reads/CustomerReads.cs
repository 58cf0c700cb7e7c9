using System.Text;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Reads;

/// <summary>Reads of single customers and of pages in the order of ids: the tables with the unmerged layers laid over.</summary>
internal static class CustomerReads
{
    public static CustomerRecord? Find(ReadConnection connection, (UnmergedReads Unmerged, string CustomerId) ask)
    {
        var memory = ask.Unmerged.Memory;
        var key = memory.KeyOf(ask.CustomerId, stackalloc byte[CustomerId.Utf8BytesMax]);

        // Epoch, view, tables, in this order: see VersionTable.AddRead and UnmergedView.
        var epoch = memory.Versions.Epoch;
        var record = ask.Unmerged.Find(key);
        if (record is null)
        {
            connection.Customer.BindText(1, key.Utf8);
            record = connection.Customer.Step() ? ReadConnection.Record(connection.Customer) : null;
        }

        var version = record is null ? CustomerVersion.Absent : new CustomerVersion(record.Version, record.SegmentId);
        memory.Versions.AddRead(key.Hash, version, epoch);
        return record;
    }

    public static IReadOnlyList<StoredCustomer> Scan(ReadConnection connection, (UnmergedReads Unmerged, string? AfterId, int Limit) ask)
    {
        var afterId = Encoding.UTF8.GetBytes(ask.AfterId ?? "");
        List<StoredCustomer>? page;
        do
        {
            connection.Reset();
            page = TryScan(connection, ask.Unmerged, ask.Unmerged.Memory.Unmerged.View, afterId, ask.Limit);
        }
        while (page is null);
        return page;
    }

    public static IReadOnlyList<string> Members(
        ReadConnection connection, (UnmergedReads Unmerged, int SegmentId, string? AfterId, int Limit) ask)
    {
        var memory = ask.Unmerged.Memory;
        var view = memory.Unmerged.View;
        var page = new List<string>(Math.Min(ask.Limit, 4_096));
        connection.Members.Bind(1, (long)ask.SegmentId).BindText(2, ask.AfterId ?? "");
        while (page.Count < ask.Limit && connection.Members.Step())
        {
            if (!view.TryFind(memory.KeyOf(connection.Members.BlobSpan(0)), out var unmerged) || unmerged.SegmentId == ask.SegmentId)
            {
                page.Add(connection.Members.Text(0));
            }
        }

        // Beyond the last row of a full page the tables may have more, so the layers must not go there either.
        var untilId = page.Count == ask.Limit ? page[^1] : null;
        var joined = new SortedSet<string>(page, CustomerId.Order);
        AddMoved(joined, view, view.Current, ask.SegmentId, ask.AfterId, untilId);
        if (view.Merging is { } merging)
        {
            AddMoved(joined, view, merging, ask.SegmentId, ask.AfterId, untilId);
        }

        return [.. joined.Take(ask.Limit)];
    }

    /// <summary>Null when a merge has taken something of the view away meanwhile.</summary>
    private static List<StoredCustomer>? TryScan(
        ReadConnection connection, UnmergedReads unmerged, UnmergedView view, byte[] afterId, int limit)
    {
        var page = new List<StoredCustomer>(Math.Min(limit, 4_096));
        byte[]? untilId = null;
        connection.Scan.BindText(1, afterId);
        while (page.Count < limit && connection.Scan.Step())
        {
            var id = connection.Scan.BlobSpan(7);
            if (!view.TryFindBody(unmerged.Memory.KeyOf(id), out _))
            {
                page.Add(new StoredCustomer(connection.Scan.Text(7), ReadConnection.Record(connection.Scan)));
                untilId = page.Count == limit ? id.ToArray() : null;
            }
        }

        if (!TryAddUnmerged(page, unmerged, view, view.Current, afterId, untilId, limit)
            || (view.Merging is { } merging && !TryAddUnmerged(page, unmerged, view, merging, afterId, untilId, limit)))
        {
            return null;
        }

        return Newest(page, limit);
    }

    /// <summary>In the order of ids, each customer once: who is changed while a page is read may have been found in two layers.</summary>
    private static List<StoredCustomer> Newest(List<StoredCustomer> found, int limit)
    {
        found.Sort(static (left, right) => CustomerId.Compare(left.CustomerId, right.CustomerId) is var order && order != 0
            ? order
            : right.Record.Version.CompareTo(left.Record.Version));
        var page = new List<StoredCustomer>(Math.Min(limit, found.Count));
        foreach (var customer in found)
        {
            if (page.Count == limit)
            {
                break;
            }

            if (page.Count == 0 || page[^1].CustomerId != customer.CustomerId)
            {
                page.Add(customer);
            }
        }

        return page;
    }

    private static bool TryAddUnmerged(
        List<StoredCustomer> page, UnmergedReads unmerged, UnmergedView view, UnmergedGeneration layer, byte[] afterId, byte[]? untilId, int limit)
    {
        foreach (var place in layer.InOrder.Between(afterId, untilId, limit))
        {
            var key = layer.KeyAt(place);
            if (view.TryFindBody(key, out var customer))
            {
                if (!unmerged.TryRead(view, in customer, out var record))
                {
                    return false;
                }

                page.Add(new StoredCustomer(Encoding.UTF8.GetString(key.Utf8), record!));
            }
        }

        return true;
    }

    private static void AddMoved(
        SortedSet<string> page, UnmergedView view, UnmergedGeneration layer, int segmentId, string? afterId, string? untilId)
    {
        foreach (var place in layer.Moved)
        {
            var key = layer.KeyAt(place);
            if (view.TryFind(key, out var customer) && customer.SegmentId == segmentId)
            {
                var id = Encoding.UTF8.GetString(key.Utf8);
                if (CustomerId.Compare(id, afterId) > 0 && (untilId is null || CustomerId.Compare(id, untilId) < 0))
                {
                    page.Add(id);
                }
            }
        }
    }
}
