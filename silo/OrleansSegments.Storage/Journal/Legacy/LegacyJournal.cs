using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Journal.Legacy;

/// <summary>
/// Moves what only <c>journal.db</c> has into the journal's files, once. Until it is gone it is the truth, and files beside it are what an
/// earlier try left behind.
/// </summary>
internal static class LegacyJournal
{
    public static bool IsIn(DataFolder folder) => folder.Has(DataFolder.LegacyJournalFile);

    /// <exception cref="StoreException">It is damaged, newer than this program, or there is no room.</exception>
    public static void Move(StoreContext context, long mergedThrough)
    {
        var folder = context.Folder;
        try
        {
            foreach (var number in JournalFolder.Numbers(folder))
            {
                File.Delete(folder.FileOf(JournalFolder.NameOf(number)));
            }

            using (var database = folder.OpenFile(
                DataFolder.LegacyJournalFile, LegacySchema.Migrations, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL"))
            {
                Copy(context, database, mergedThrough);
            }

            // Closing moved the write-ahead log into the file and removed it.
            File.Delete(folder.FileOf(DataFolder.LegacyJournalFile));
            LinuxCalls.SyncFolder(folder.Path);
        }
        catch (Exception failure) when (failure is InvalidDataException or SqliteFailure)
        {
            throw new StoreException(
                $"{folder.FileOf(DataFolder.LegacyJournalFile)} is damaged: {failure.Message}. Restore {folder.Path} from a copy.", failure);
        }
        catch (IOException failure)
        {
            throw new StoreException(folder.ExplainJournal(failure), failure);
        }
    }

    private static void Copy(StoreContext context, SqliteDatabase database, long mergedThrough)
    {
        var header = CommitJournal.HeaderOf(1, mergedThrough + 1);
        var file = JournalFile.Create(context.Folder.FileOf(JournalFolder.NameOf(header.FileNumber)), header);
        using var journal = new CommitJournal(context, [file], [], mergedThrough, mergedThrough);
        using var rows = database.PrepareOnce("SELECT number, payload FROM commits WHERE number > ? ORDER BY number");
        rows.Bind(1, mergedThrough);
        var draft = new CommitDraft();
        while (rows.Step())
        {
            if (rows.Int64(0) != journal.LastNumber + 1)
            {
                throw new InvalidDataException($"commit {journal.LastNumber + 1} is missing");
            }

            draft.Begin(SegmentTotals.Empty, draft.PlacesIn);
            var totalsAfter = LegacyCommit.Read(rows.BlobSpan(1), draft);
            journal.Append(draft, totalsAfter);
        }
    }
}
