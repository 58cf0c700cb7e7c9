using System.Runtime.InteropServices;
using System.Text;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// The ids of a few changes, encoded, hashed and looked up together: each lookup waits for the memory several times, and those that do not
/// depend on each other wait together.
/// </summary>
internal sealed class PreparedIds(IdHash hash) : IIdKeys
{
    public const int IdsMax = UnmergedGeneration.TogetherMax;

    private readonly byte[] _utf8 = new byte[IdsMax * CustomerId.Utf8BytesMax];
    private readonly int[] _ends = new int[IdsMax];
    private readonly ulong[] _hashes = new ulong[IdsMax];
    private readonly int[] _places = new int[IdsMax];
    private readonly int[] _mergingPlaces = new int[IdsMax];
    private readonly List<int> _absent = new(IdsMax);
    private int _count;

    public int Count => _count;

    public void Clear() => _count = 0;

    public void Add(string customerId)
    {
        var start = StartOf(_count);
        var bytes = Encoding.UTF8.GetBytes(customerId, _utf8.AsSpan(start));
        _ends[_count] = start + bytes;
        _hashes[_count++] = hash.Of(_utf8.AsSpan(start, bytes));
    }

    /// <summary>Looks all of them up in what receives commits, and those who are not there in what is being merged.</summary>
    public void FindPlaces(UnmergedGeneration current, UnmergedGeneration? merging)
    {
        Merging = merging;
        current.PlacesOf(this, _places);
        _absent.Clear();
        for (var index = 0; index < _count; index++)
        {
            _mergingPlaces[index] = -1;
            if (_places[index] < 0)
            {
                _absent.Add(index);
            }
        }

        if (merging is not null && _absent.Count > 0)
        {
            Span<int> found = stackalloc int[IdsMax];
            merging.PlacesOf(new Some(this, CollectionsMarshal.AsSpan(_absent)), found);
            for (var index = 0; index < _absent.Count; index++)
            {
                _mergingPlaces[_absent[index]] = found[index];
            }
        }
    }

    /// <summary>The generation that <see cref="MergingPlaceAt"/> speaks of.</summary>
    public UnmergedGeneration? Merging { get; private set; }

    public int MergingPlaceAt(int index) => _mergingPlaces[index];

    public ulong HashAt(int index) => _hashes[index];

    public IdKey KeyAt(int index) => new(_utf8.AsSpan(StartOf(index), _ends[index] - StartOf(index)), _hashes[index]);

    public int PlaceAt(int index) => _places[index];

    private int StartOf(int index) => index == 0 ? 0 : _ends[index - 1];

    private readonly ref struct Some(PreparedIds all, ReadOnlySpan<int> indexes) : IIdKeys
    {
        private readonly ReadOnlySpan<int> _indexes = indexes;

        public int Count => _indexes.Length;

        public ulong HashAt(int index) => all.HashAt(_indexes[index]);

        public IdKey KeyAt(int index) => all.KeyAt(_indexes[index]);
    }
}
