using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>How reads treat the block cache.</summary>
internal static class ReadSetup
{
    public static ReadOptions Plain { get; } = new();

    /// <summary>For what reads everything once: it must not push out what is asked for often.</summary>
    public static ReadOptions Passing { get; } = new ReadOptions().SetFillCache(false);

    /// <summary>Reads that agree with each other, up to a key.</summary>
    public static ReadOptions Of(Snapshot snapshot) => new ReadOptions().SetSnapshot(snapshot);
}
