using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>PostgreSQL as its operators set it up for many writes: more memory, fewer checkpoints, compressed page images. Durable.</summary>
internal static class TunedServer
{
    public static PostgresServerOptions Options()
    {
        var options = new PostgresServerOptions();
        options.Settings["shared_buffers"] = "2GB";
        options.Settings["max_wal_size"] = "16GB";
        options.Settings["checkpoint_timeout"] = "15min";
        options.Settings["wal_compression"] = "lz4";
        return options;
    }
}
