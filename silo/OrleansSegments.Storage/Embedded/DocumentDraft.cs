using System.Buffers.Binary;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The documents of one commit while it is assembled. A document is stored as its version followed by its content.</summary>
internal sealed class DocumentDraft(StoreFiles files)
{
    public const int HeadBytes = sizeof(long);

    private readonly Dictionary<(string, string), (byte[] Key, long Version, byte[]? Content)> _documents = [];

    public bool IsEmpty => _documents.Count == 0;

    public static long VersionOf(byte[] stored) => BinaryPrimitives.ReadInt64LittleEndian(stored);

    public void Begin() => _documents.Clear();

    /// <summary>Adds a write or a removal if the stored version is the expected one.</summary>
    public bool TryChange(PendingDocument document)
    {
        var name = (document.Kind, document.Key);
        var isDrafted = _documents.TryGetValue(name, out var known);
        var key = isDrafted ? known.Key : Keys.Document(document.Kind, document.Key);
        var version = isDrafted ? known.Version : StoredVersion(key);
        if (version != document.ExpectedVersion)
        {
            return false;
        }

        if (document.Content is not null || version > 0)
        {
            _documents[name] = (key, document.Content is null ? 0 : version + 1, document.Content);
        }

        return true;
    }

    public void WriteTo(WriteBatch batch, Database database)
    {
        foreach (var (key, version, content) in _documents.Values)
        {
            if (content is null)
            {
                batch.Delete(key, database.Documents);
                continue;
            }

            var stored = new byte[HeadBytes + content.Length];
            BinaryPrimitives.WriteInt64LittleEndian(stored, version);
            content.CopyTo(stored, HeadBytes);
            batch.Put(key, stored, database.Documents);
        }
    }

    private long StoredVersion(byte[] key)
    {
        var database = files.ForCommits;
        return database.Find(key, database.Documents) is { } stored ? VersionOf(stored) : 0;
    }
}

/// <summary>A document waiting to be written or, without content, removed.</summary>
internal sealed class PendingDocument(string kind, string key, long expectedVersion, byte[]? content) : PendingWork
{
    // Run continuations on other threads, not on the commit thread.
    private readonly TaskCompletionSource<CommitOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Kind => kind;

    public string Key => key;

    public long ExpectedVersion => expectedVersion;

    public byte[]? Content => content;

    public Task<CommitOutcome> Outcome => _outcome.Task;

    /// <summary>Documents do not count as customer changes.</summary>
    public override int Changes => 0;

    public override int Bytes => content?.Length ?? 0;

    public override void Complete(CommitOutcome outcome) => _outcome.SetResult(outcome);
}
