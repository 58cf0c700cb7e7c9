using System.Text;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The documents, in the same database as the customers and written by the same thread.</summary>
internal sealed class EmbeddedControlStore(StoreFiles files, CommitQueue queue, StoreContext context) : IControlStateStore
{
    public ValueTask<ControlDocument?> ReadAsync(string kind, string key, CancellationToken cancellationToken) =>
        new(files.Read(Read, (kind, key)));

    public ValueTask<IReadOnlyList<ControlDocument>> ReadAllAsync(string kind, CancellationToken cancellationToken) =>
        new(Task.Run(() => files.Read(ReadAll, kind), cancellationToken));

    public ValueTask<bool> TryWriteAsync(
        string kind, string key, long expectedVersion, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        ChangeAsync(new PendingDocument(kind, key, expectedVersion, content.ToArray()));

    public ValueTask<bool> TryRemoveAsync(string kind, string key, long expectedVersion, CancellationToken cancellationToken) =>
        ChangeAsync(new PendingDocument(kind, key, expectedVersion, content: null));

    private async ValueTask<bool> ChangeAsync(PendingDocument document)
    {
        var outcome = queue.Add(document, isLimited: false) == CommitAdmission.Waiting ? await document.Outcome : CommitOutcome.Unavailable;
        return outcome != CommitOutcome.Unavailable
            ? outcome == CommitOutcome.Committed
            : throw new StoreException(context.Condition.Problem ?? $"The store in {context.Folder.Path} is closed.");
    }

    private static ControlDocument? Read(Database database, (string Kind, string Key) ask) =>
        database.Find(Keys.Document(ask.Kind, ask.Key), database.Documents) is { } stored ? Document(ask.Kind, ask.Key, stored) : null;

    private static IReadOnlyList<ControlDocument> ReadAll(Database database, string kind)
    {
        var documents = new List<ControlDocument>();
        var prefix = Keys.Document(kind, "");
        using var rows = database.Scan(database.Documents, ReadSetup.Plain).From(prefix);
        while (rows.MoveNext() && rows.Key.StartsWith(prefix))
        {
            documents.Add(Document(kind, Encoding.UTF8.GetString(rows.Key[prefix.Length..]), rows.Value.ToArray()));
        }

        return documents;
    }

    /// <summary>Reads the documents of all kinds.</summary>
    public static IReadOnlyList<ControlDocument> ReadEverything(Database database)
    {
        var documents = new List<ControlDocument>();
        using var rows = database.Scan(database.Documents, ReadSetup.Plain).From([]);
        while (rows.MoveNext())
        {
            var (kind, key) = Keys.NamesOfDocument(rows.Key);
            documents.Add(Document(kind, key, rows.Value.ToArray()));
        }

        return documents;
    }

    private static ControlDocument Document(string kind, string key, byte[] stored) =>
        new(kind, key, DocumentDraft.VersionOf(stored), stored[DocumentDraft.HeadBytes..]);
}
