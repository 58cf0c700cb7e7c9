namespace OrleansSegments.Storage.Merging;

/// <summary>
/// The schema of <c>customers.db</c>, one script per version, never changed once released. Customers stand in the order of their ids, so
/// that a sorted merge walks the file once. <c>due_indexed</c> is at most <c>due</c>: it is left behind when a deadline moves later.
/// A customer's history is a chain: <c>moved</c> is its newest transition, <c>previous</c> the one before each. So the log is only ever
/// appended to; a table of histories, in the order of customers, took two thirds of a merge. <c>moved_before</c> is what <c>moved</c> was before
/// the newest merge: a merge that is done again after a crash needs it, and whoever reads while the log does not have <c>moved</c> yet.
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
        // What an interrupted merge wrote beyond the end of the log is still in the journal, and merged again.
        """
        ALTER TABLE customers ADD COLUMN moved INTEGER;
        ALTER TABLE customers ADD COLUMN moved_before INTEGER;
        ALTER TABLE transitions ADD COLUMN previous INTEGER;
        DELETE FROM transitions WHERE sequence > ifnull((SELECT value FROM meta WHERE name = 'sequence'), 0);
        DELETE FROM history WHERE sequence > ifnull((SELECT value FROM meta WHERE name = 'sequence'), 0);
        UPDATE transitions SET previous = (
            SELECT max(history.sequence) FROM history WHERE history.customer = transitions.customer AND history.sequence < transitions.sequence);
        UPDATE customers SET moved = (SELECT max(history.sequence) FROM history WHERE history.customer = customers.id);
        DROP TABLE history;
        """,
    ];
}
