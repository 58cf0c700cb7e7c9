namespace OrleansSegments.TestKit.Postgres;

/// <summary>A private server's deviations from PostgreSQL's defaults.</summary>
public sealed class PostgresServerOptions
{
    /// <summary>
    /// Server settings by name, such as <c>shared_buffers</c>, <c>max_wal_size</c> or <c>wal_compression</c>. Durability is on unless
    /// turned off here.
    /// </summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The parent of the server's folder, for example on a small file system. Null for the system's temporary folder.</summary>
    public string? ParentFolder { get; set; }

    /// <summary>
    /// The ICU locale for comparing text when a statement does not specify one; null for byte order. A language here reveals code that
    /// relies on byte order without requesting it.
    /// </summary>
    public string? IcuLocale { get; set; }
}
