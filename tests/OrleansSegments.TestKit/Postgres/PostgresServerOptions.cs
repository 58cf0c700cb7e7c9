namespace OrleansSegments.TestKit.Postgres;

/// <summary>What a private server differs in from PostgreSQL's own defaults.</summary>
public sealed class PostgresServerOptions
{
    /// <summary>Server settings by name, such as <c>shared_buffers</c>, <c>max_wal_size</c> or <c>wal_compression</c>. Durability stays on unless it is turned off here.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The folder that the server's own folder is made in: another file system, for example a small one. Null: the system's temporary folder.</summary>
    public string? ParentFolder { get; set; }

    /// <summary>
    /// The ICU locale that text is compared in when a statement does not say; null for the order of bytes. A language here brings to light
    /// what relies on the order of bytes without asking for it.
    /// </summary>
    public string? IcuLocale { get; set; }
}
