namespace OrleansSegments.Storage.Journal;

/// <summary>The schema of <c>journal.db</c>, one script per version, never changed once released.</summary>
internal static class JournalSchema
{
    public static IReadOnlyList<string> Migrations { get; } =
    [
        """
        CREATE TABLE commits(number INTEGER PRIMARY KEY, payload BLOB NOT NULL);
        CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """,
    ];
}
