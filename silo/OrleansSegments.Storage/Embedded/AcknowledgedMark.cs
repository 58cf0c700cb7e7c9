using System.Buffers.Binary;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// How far the database was when callers were last told, in a small file of its own. RocksDB takes damage in its newest log for the torn end of a
/// write that nobody was told of, and opens without it; this tells the two apart. The file is not synced: after a power cut it may say
/// less, never more, because it is written after the commit is durable.
/// </summary>
internal sealed class AcknowledgedMark : IDisposable
{
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    private readonly byte[] _bytes = new byte[sizeof(ulong)];

    public AcknowledgedMark(string path)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        if (RandomAccess.Read(_file, _bytes, fileOffset: 0) == _bytes.Length)
        {
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
        }
    }

    public ulong Sequence { get; private set; }

    public void Set(ulong sequence)
    {
        Sequence = sequence;
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes, sequence);
        RandomAccess.Write(_file, _bytes, fileOffset: 0);
    }

    public void Dispose() => _file.Dispose();
}
