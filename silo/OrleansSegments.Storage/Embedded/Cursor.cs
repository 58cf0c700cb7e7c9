using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>Walks through a column family in the order of keys. The spans are good until the next step.</summary>
internal sealed class Cursor(Iterator iterator) : IDisposable
{
    private bool _hasBegun;

    public ReadOnlySpan<byte> Key => iterator.GetKeySpan();

    public ReadOnlySpan<byte> Value => iterator.GetValueSpan();

    /// <summary>The next <see cref="MoveNext"/> comes to the first key that is not less.</summary>
    public Cursor From(ReadOnlySpan<byte> key)
    {
        iterator.Seek(key);
        return this;
    }

    /// <summary>The next <see cref="MoveNext"/> comes to the last key of all.</summary>
    public Cursor FromLast()
    {
        iterator.SeekToLast();
        return this;
    }

    /// <exception cref="RocksDbException">A block cannot be read; without asking it would look like the end.</exception>
    public bool MoveNext()
    {
        if (_hasBegun)
        {
            iterator.Next();
        }

        _hasBegun = true;
        if (iterator.Valid())
        {
            return true;
        }

        Native.Instance.rocksdb_iter_get_error(iterator.Handle);
        return false;
    }

    public void Dispose() => iterator.Dispose();
}
