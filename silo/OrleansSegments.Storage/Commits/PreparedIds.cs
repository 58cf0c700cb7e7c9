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

    public void FindPlaces(UnmergedGeneration generation) => generation.PlacesOf(this, _places.AsSpan(0, _count));

    public ulong HashAt(int index) => _hashes[index];

    public IdKey KeyAt(int index) => new(_utf8.AsSpan(StartOf(index), _ends[index] - StartOf(index)), _hashes[index]);

    public int PlaceAt(int index) => _places[index];

    private int StartOf(int index) => index == 0 ? 0 : _ends[index - 1];
}
