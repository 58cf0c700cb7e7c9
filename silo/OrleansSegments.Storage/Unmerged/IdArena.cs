namespace OrleansSegments.Storage.Unmerged;

/// <summary>The UTF-8 bytes of ids one behind the other, in blocks that never move. One writer; what was added may be read by anyone.</summary>
internal sealed class IdArena
{
    private const int BlockBits = 16;
    private const int BlockBytes = 1 << BlockBits;

    private byte[][] _blocks = [new byte[BlockBytes]];
    private int _last;
    private int _used;

    /// <summary>Keeps a copy and returns where it begins.</summary>
    public int Add(ReadOnlySpan<byte> utf8)
    {
        if (_used + utf8.Length > BlockBytes)
        {
            AddBlock();
        }

        utf8.CopyTo(_blocks[_last].AsSpan(_used));
        var start = (_last << BlockBits) | _used;
        _used += utf8.Length;
        return start;
    }

    public ReadOnlySpan<byte> At(int start, int bytes) =>
        Volatile.Read(ref _blocks)[start >>> BlockBits].AsSpan(start & (BlockBytes - 1), bytes);

    private void AddBlock()
    {
        var blocks = _blocks;
        if (++_last == blocks.Length)
        {
            Array.Resize(ref blocks, blocks.Length * 2);
        }

        blocks[_last] = new byte[BlockBytes];
        Volatile.Write(ref _blocks, blocks);
        _used = 0;
    }
}
