namespace OrleansSegments.Storage.Control;

/// <summary>The schema of <c>control.db</c>, one script per version, never changed once released.</summary>
internal static class ControlSchema
{
    public static IReadOnlyList<string> Migrations { get; } =
    [
        """
        CREATE TABLE documents(
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY(kind, key)
        ) WITHOUT ROWID;
        """,
    ];
}
