using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Reads;

/// <summary>Reads of single customers and of pages in the order of ids: the tables with the unmerged layers laid over.</summary>
internal static class CustomerReads
{
    public static CustomerRecord? Find(ReadConnection connection, (StoreMemory Memory, string CustomerId) ask)
    {
        // Epoch, view, tables, in this order: see VersionTable.AddRead and UnmergedView.
        var epoch = ask.Memory.Versions.Epoch;
        var record = ask.Memory.Unmerged.View.FindRecord(ask.CustomerId);
        if (record is null)
        {
            connection.Customer.BindText(1, ask.CustomerId);
            record = connection.Customer.Step() ? ReadConnection.Record(connection.Customer) : null;
        }

        var version = record is null ? CustomerVersion.Absent : new CustomerVersion(record.Version, record.SegmentId);
        ask.Memory.Versions.AddRead(ask.CustomerId, version, epoch);
        return record;
    }

    public static IReadOnlyList<StoredCustomer> Scan(ReadConnection connection, (UnmergedChanges Unmerged, string? AfterId, int Limit) ask)
    {
        var view = ask.Unmerged.View;
        var page = new List<StoredCustomer>(Math.Min(ask.Limit, 4_096));
        connection.Scan.BindText(1, ask.AfterId ?? "");
        while (page.Count < ask.Limit && connection.Scan.Step())
        {
            var id = connection.Scan.Text(7);
            if (view.FindRecord(id) is null)
            {
                page.Add(new StoredCustomer(id, ReadConnection.Record(connection.Scan)));
            }
        }

        // Beyond the last row of a full page the tables may have more, so the layers must not go there either.
        var untilId = page.Count == ask.Limit ? page[^1].CustomerId : null;
        foreach (var (id, customer) in view.Customers())
        {
            if (IsWithin(id, ask.AfterId, untilId) && (customer.Record ?? view.FindRecord(id)) is { } record)
            {
                page.Add(new StoredCustomer(id, record));
            }
        }

        page.Sort(static (left, right) => CustomerId.Compare(left.CustomerId, right.CustomerId));
        return page.Count <= ask.Limit ? page : page[..ask.Limit];
    }

    public static IReadOnlyList<string> Members(
        ReadConnection connection, (UnmergedChanges Unmerged, int SegmentId, string? AfterId, int Limit) ask)
    {
        var view = ask.Unmerged.View;
        var page = new List<string>(Math.Min(ask.Limit, 4_096));
        connection.Members.Bind(1, (long)ask.SegmentId).BindText(2, ask.AfterId ?? "");
        while (page.Count < ask.Limit && connection.Members.Step())
        {
            var id = connection.Members.Text(0);
            if (view.Find(id) is not { } unmerged || unmerged.SegmentId == ask.SegmentId)
            {
                page.Add(id);
            }
        }

        var untilId = page.Count == ask.Limit ? page[^1] : null;
        var joined = new SortedSet<string>(page, CustomerId.Order);
        AddMoved(joined, view, view.Current.Moved, ask.SegmentId, ask.AfterId, untilId);
        if (view.Merging is { } merging)
        {
            AddMoved(joined, view, merging.Moved, ask.SegmentId, ask.AfterId, untilId);
        }

        return [.. joined.Take(ask.Limit)];
    }

    private static void AddMoved(
        SortedSet<string> page, UnmergedView view, ReadOnlySpan<string> moved, int segmentId, string? afterId, string? untilId)
    {
        foreach (var id in moved)
        {
            if (view.Find(id)!.SegmentId == segmentId && IsWithin(id, afterId, untilId))
            {
                page.Add(id);
            }
        }
    }

    private static bool IsWithin(string id, string? afterId, string? untilId) =>
        CustomerId.Compare(id, afterId) > 0 && (untilId is null || CustomerId.Compare(id, untilId) < 0);
}
