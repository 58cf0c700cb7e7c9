using System.Text;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>Holds the UTF-8 bytes of a commit's ids in one array that is used again for the next commit.</summary>
internal sealed class IdArena
{
    private byte[] _bytes = new byte[64 * 1024];
    private int _used;

    /// <summary>Forgets all ids; what <see cref="Add"/> returned before must no longer be used.</summary>
    public void Clear() => _used = 0;

    public ReadOnlyMemory<byte> Add(string id)
    {
        if (_bytes.Length - _used < Encoding.UTF8.GetMaxByteCount(id.Length))
        {
            // What was handed out stays in the old array, which lives as long as it is referred to.
            _bytes = new byte[_bytes.Length * 2];
            _used = 0;
        }

        var length = Encoding.UTF8.GetBytes(id, _bytes.AsSpan(_used));
        var slice = _bytes.AsMemory(_used, length);
        _used += length;
        return slice;
    }
}
