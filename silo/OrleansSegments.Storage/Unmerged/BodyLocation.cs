namespace OrleansSegments.Storage.Unmerged;

/// <summary>Where the journal keeps a record's body, and the checksum that tells the body from whatever else may stand there.</summary>
/// <param name="Position">The number of the journal's file in the upper half, the offset in the file in the lower.</param>
internal readonly record struct BodyLocation(ulong Position, int Bytes, uint Checksum)
{
    public BodyLocation(uint fileNumber, uint offset, int bytes, uint checksum)
        : this(((ulong)fileNumber << 32) | offset, bytes, checksum)
    {
    }

    public uint FileNumber => (uint)(Position >> 32);

    public uint Offset => (uint)Position;
}
