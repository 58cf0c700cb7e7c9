
namespace OrleansSegments.Storage.Unmerged;

/// <summary>
/// A generation's customers in the order of their ids. The order is made when somebody asks and kept; customers added since are looked
/// through one by one, until they are so many that a new order pays.
/// </summary>
internal sealed class PlacesInOrder(UnmergedGeneration generation)
{
    private const int UnsortedMin = 1_024;
    private const int SortedPerUnsorted = 8;

    private readonly Lock _sorting = new();
    private int[] _sorted = [];

    /// <summary>Everyone; the generation must be frozen.</summary>
    public int[] All() => Sorted(generation.Count, unsortedMax: 0);

    /// <summary>The places of up to <paramref name="limit"/> customers with an id after the one and not after the other, in order.</summary>
    /// <param name="untilId">Null for no bound.</param>
    public List<int> Between(ReadOnlySpan<byte> afterId, byte[]? untilId, int limit)
    {
        var count = generation.Count;
        var sorted = Sorted(count, Math.Max(UnsortedMin, count / SortedPerUnsorted));
        var found = new List<int>();
        for (var index = FirstAfter(sorted, afterId); index < sorted.Length && found.Count < limit && IsUpTo(sorted[index], untilId); index++)
        {
            found.Add(sorted[index]);
        }

        var ordered = found.Count;
        for (var place = sorted.Length; place < count; place++)
        {
            if (generation.KeyAt(place).Utf8.SequenceCompareTo(afterId) > 0 && IsUpTo(place, untilId))
            {
                found.Add(place);
            }
        }

        if (found.Count > ordered)
        {
            found.Sort((left, right) => generation.KeyAt(left).Utf8.SequenceCompareTo(generation.KeyAt(right).Utf8));
        }

        return found.Count <= limit ? found : found[..limit];
    }

    private bool IsUpTo(int place, byte[]? untilId) => untilId is null || generation.KeyAt(place).Utf8.SequenceCompareTo(untilId) <= 0;

    private int FirstAfter(int[] sorted, ReadOnlySpan<byte> afterId)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (generation.KeyAt(sorted[middle]).Utf8.SequenceCompareTo(afterId) > 0)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private int[] Sorted(int count, int unsortedMax)
    {
        lock (_sorting)
        {
            if (count - _sorted.Length > unsortedMax)
            {
                var places = new int[count];
                for (var place = 0; place < count; place++)
                {
                    places[place] = place;
                }

                IdSort.Sort(places, new Ids(generation));
                _sorted = places;
            }

            return _sorted;
        }
    }

    private readonly struct Ids(UnmergedGeneration generation) : IIdSource
    {
        public ReadOnlySpan<byte> IdOf(int item) => generation.KeyAt(item).Utf8;
    }
}
