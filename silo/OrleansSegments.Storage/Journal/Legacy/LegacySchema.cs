namespace OrleansSegments.Storage.Journal.Legacy;

/// <summary>The schema of <c>journal.db</c>, the journal before its commits stood in files of their own.</summary>
internal static class LegacySchema
{
    public static IReadOnlyList<string> Migrations { get; } =
    [
        """
        CREATE TABLE commits(number INTEGER PRIMARY KEY, payload BLOB NOT NULL);
        CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """,
    ];
}
