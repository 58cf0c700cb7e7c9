namespace OrleansSegments.Storage.Embedded;

/// <summary>How much memory the store's parts may take, in proportion to what the process may use. None of it grows with the number of customers.</summary>
/// <param name="BlockCacheBytes">Blocks read from files, with their indexes and filters.</param>
/// <param name="WriteBufferBytes">Each memtable of the customers; there are at most <see cref="WriteBuffersMax"/>.</param>
/// <param name="RecentRowsMax">Customers of whom the commit thread remembers version and segment, at 32 bytes each.</param>
internal sealed record RocksSizes(long BlockCacheBytes, long WriteBufferBytes, int RecentRowsMax)
{
    public const int WriteBuffersMax = 4;

    private const long Mebibyte = 1024 * 1024;

    /// <summary>The indexes and the log are written a tenth as much as the customers.</summary>
    public long IndexWriteBufferBytes => WriteBufferBytes / 4;

    /// <summary>Beyond it memtables are flushed so that the oldest file goes: a start reads the rest again, at some 200 MB a second.</summary>
    public long LogBytesMax => 2 * WriteBufferBytes;

    /// <param name="memoryBytes">What the process may use: 24 GiB give 1 GiB of cache and memtables of 128 MiB, 2 GiB give 128 and 16 MiB.</param>
    public static RocksSizes For(long memoryBytes) => new(
        Math.Clamp(memoryBytes / 16, 16 * Mebibyte, 1024 * Mebibyte),
        Math.Clamp(memoryBytes / 128, 4 * Mebibyte, 128 * Mebibyte),
        (int)(Math.Clamp(memoryBytes / 256, Mebibyte, 128 * Mebibyte) / RecentRows.BytesEach));
}
