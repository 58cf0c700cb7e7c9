namespace OrleansSegments.Storage.Merging;

/// <summary>
/// The schema of <c>customers.db</c>, one script per version, never changed once released. Customers stand in the order of their ids, so
/// that a sorted merge walks the file once. <c>due_indexed</c> is at most <c>due</c>: it is left behind when a deadline moves later.
/// <c>history</c> is a table and not an index, so that a merge can fill the log in its order and the history in the order of customers.
/// </summary>
internal static class TableSchema
{
    public static IReadOnlyList<string> Migrations { get; } =
    [
        """
        CREATE TABLE customers(
            id TEXT PRIMARY KEY NOT NULL,
            version INTEGER NOT NULL,
            segment INTEGER NOT NULL,
            model INTEGER NOT NULL,
            since INTEGER NOT NULL,
            settled_segment INTEGER NOT NULL,
            settled_hour INTEGER NOT NULL,
            due INTEGER,
            due_indexed INTEGER,
            state BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX customers_by_segment ON customers(segment, id);
        CREATE INDEX customers_by_due ON customers(due_indexed) WHERE due_indexed IS NOT NULL;
        CREATE TABLE transitions(
            sequence INTEGER PRIMARY KEY,
            customer TEXT NOT NULL,
            from_segment INTEGER,
            to_segment INTEGER NOT NULL,
            cause INTEGER NOT NULL,
            model INTEGER NOT NULL,
            occurred INTEGER NOT NULL
        );
        CREATE TABLE history(
            customer TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            PRIMARY KEY(customer, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE totals(segment INTEGER PRIMARY KEY, size INTEGER NOT NULL);
        CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """,
    ];
}
