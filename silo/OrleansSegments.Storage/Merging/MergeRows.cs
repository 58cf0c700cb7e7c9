using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Merging;

/// <summary>
/// Brings together what a merge writes of a few customers. Entry, id and body lie in three places of memory that nothing has touched for
/// long; fetched for several customers in turn, the memory works on many at a time.
/// </summary>
internal sealed class MergeRows(UnmergedGeneration generation, JournalBodies bodies) : IDisposable
{
    public const int RowsMax = 32;

    private readonly Dictionary<uint, JournalFileView?> _views = [];
    private readonly UnmergedCustomer[] _customers = new UnmergedCustomer[RowsMax];
    private readonly (int Start, int Bytes)[] _ids = new (int, int)[RowsMax];
    private readonly (int Start, int Bytes)[] _bodies = new (int, int)[RowsMax];
    private byte[] _bytes = new byte[RowsMax * 1_024];

    public ref readonly UnmergedCustomer CustomerAt(int row) => ref _customers[row];

    public ReadOnlySpan<byte> IdAt(int row) => _bytes.AsSpan(_ids[row].Start, _ids[row].Bytes);

    /// <summary>Empty when only the deadline changed.</summary>
    public ReadOnlySpan<byte> BodyAt(int row) => _bytes.AsSpan(_bodies[row].Start, _bodies[row].Bytes);

    /// <exception cref="InvalidDataException">The journal does not hold what it should.</exception>
    public void Fetch(ReadOnlySpan<int> places)
    {
        for (var row = 0; row < places.Length; row++)
        {
            _customers[row] = generation.At(places[row]);
        }

        var used = 0;
        for (var row = 0; row < places.Length; row++)
        {
            _ids[row] = (used, _customers[row].IdBytes);
            generation.IdOf(in _customers[row]).CopyTo(Reserve(_customers[row].IdBytes, ref used));
        }

        for (var row = 0; row < places.Length; row++)
        {
            var bytes = _customers[row].HasBody ? _customers[row].Body.Bytes : 0;
            _bodies[row] = (used, bytes);
            CopyBody(_customers[row].Body, Reserve(bytes, ref used));
        }

        for (var row = 0; row < places.Length; row++)
        {
            if (_customers[row].HasBody && Checksum.Of(BodyAt(row)) != _customers[row].Body.Checksum)
            {
                throw Damaged(_customers[row].Body);
            }
        }
    }

    public void Dispose()
    {
        foreach (var view in _views.Values)
        {
            view?.Dispose();
        }
    }

    private void CopyBody(BodyLocation location, Span<byte> into)
    {
        if (into.IsEmpty)
        {
            return;
        }

        if (!_views.TryGetValue(location.FileNumber, out var view))
        {
            view = bodies.TryView(location.FileNumber);
            _views.Add(location.FileNumber, view);
        }

        var body = view is null ? [] : view.At(location.Offset, into.Length);
        if (!body.IsEmpty)
        {
            body.CopyTo(into);
        }
        else if (!bodies.TryRead(location, into))
        {
            throw Damaged(location);
        }
    }

    private Span<byte> Reserve(int bytes, ref int used)
    {
        if (_bytes.Length - used < bytes)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(used + bytes)));
        }

        var reserved = _bytes.AsSpan(used, bytes);
        used += bytes;
        return reserved;
    }

    private static InvalidDataException Damaged(BodyLocation location) => new(
        $"the state of a customer is damaged in {JournalFolder.NameOf(location.FileNumber)} at byte {location.Offset}.");
}
