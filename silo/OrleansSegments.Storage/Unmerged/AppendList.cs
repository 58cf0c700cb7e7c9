namespace OrleansSegments.Storage.Unmerged;

/// <summary>A list that one thread appends to while any thread reads the part that was there when it looked.</summary>
internal sealed class AppendList<T>
{
    private T[] _items = new T[64];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public ReadOnlySpan<T> Snapshot
    {
        get
        {
            // The count first: an array seen later is at least as long.
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _items).AsSpan(0, count);
        }
    }

    public void Add(T item)
    {
        var items = _items;
        if (_count == items.Length)
        {
            Array.Resize(ref items, items.Length * 2);
            Volatile.Write(ref _items, items);
        }

        items[_count] = item;
        Volatile.Write(ref _count, _count + 1);
    }
}
