namespace OrleansSegments.Storage.Embedded;

/// <summary>How much memory the store's parts may take, in proportion to what the process may use. None of it grows with the number of customers.</summary>
/// <param name="BlockCacheBytes">Blocks read from files, with their indexes and filters; the operating system caches files besides.</param>
/// <param name="WriteBufferBytes">One memtable of the customers.</param>
/// <param name="RecentRowsMax">Customers of whom the commit thread remembers version and segment, at <see cref="RecentRows.BytesEach"/>.</param>
internal sealed record RocksSizes(long BlockCacheBytes, long WriteBufferBytes, int RecentRowsMax)
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>One memtable of an index or of the log, which are written a tenth as much.</summary>
    public long IndexWriteBufferBytes => WriteBufferBytes / 4;

    /// <summary>All memtables that are written to.</summary>
    public long WriteBuffersBytesMax => 3 * WriteBufferBytes;

    /// <summary>Beyond it memtables are flushed so that the oldest log goes: a start reads the others again.</summary>
    public long LogBytesMax => 4 * WriteBufferBytes;

    /// <param name="memoryBytes">What the process may use: of 24 GiB the parts take at most 384, 192 and 384 MiB, of 2 GiB 32, 24 and 32.</param>
    public static RocksSizes For(long memoryBytes) => new(
        Math.Clamp(memoryBytes / 64, 16 * Mebibyte, 512 * Mebibyte),
        Math.Clamp(memoryBytes / 256, 4 * Mebibyte, 64 * Mebibyte),
        (int)(Math.Clamp(memoryBytes / 64, Mebibyte / 8, 512 * Mebibyte) / RecentRows.BytesEach));
}
