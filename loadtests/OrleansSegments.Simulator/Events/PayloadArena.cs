namespace OrleansSegments.Simulator.Events;

/// <summary>
/// Cuts payloads from 64 KiB chunks, one allocation for some hundred events. Chunks are never reused: readers may keep what they got.
/// </summary>
internal sealed class PayloadArena
{
    /// <summary>Above the largest payload: an order of 16 items takes less than 2 KiB.</summary>
    public const int PayloadBytesMax = 4096;

    private const int ChunkBytes = 64 * 1024;
    private byte[] _chunk = [];
    private int _used;

    public Span<byte> Reserve()
    {
        if (_chunk.Length - _used < PayloadBytesMax)
        {
            _chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes);
            _used = 0;
        }

        return _chunk.AsSpan(_used, PayloadBytesMax);
    }

    public ReadOnlyMemory<byte> Keep(int bytes)
    {
        var kept = new ReadOnlyMemory<byte>(_chunk, _used, bytes);
        _used += bytes;
        return kept;
    }
}
