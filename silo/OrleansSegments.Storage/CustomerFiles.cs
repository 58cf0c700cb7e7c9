using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Merging;
using OrleansSegments.Storage.Reads;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage;

/// <summary>The journal and the tables of one folder, the threads that work on them, and what is known in memory.</summary>
internal sealed class CustomerFiles : IDisposable
{
    private readonly StoreContext _context;
    private readonly CommitJournal _journal;
    private readonly CommitCheck _check;
    private readonly CommitLoop _commits;

    private CustomerFiles(StoreContext context, CommitJournal journal, SqliteDatabase tables, StoreMemory memory)
    {
        _context = context;
        _journal = journal;
        Memory = memory;
        var limits = context.Options.CommitLimits;
        Queue = new CommitQueue(limits, new WaitingWork(limits));
        Reads = new ReadPool(context);
        Merges = new MergeLoop(new TableMerge(tables, context.Fault), journal, memory, context);
        _check = new CommitCheck(memory, SqliteDatabase.Open(tables.Path));
        _commits = new CommitLoop(Queue, _check, journal, memory, Merges, context);
    }

    public StoreMemory Memory { get; }

    public CommitQueue Queue { get; }

    public ReadPool Reads { get; }

    public MergeLoop Merges { get; }

    /// <exception cref="StoreException">A file cannot be used, or the two do not belong together.</exception>
    public static CustomerFiles Open(StoreContext context)
    {
        var folder = context.Folder;
        if (folder.Has(DataFolder.CustomersFile) && !folder.Has(DataFolder.JournalFile))
        {
            throw new StoreException(
                $"{folder.Path} has {DataFolder.CustomersFile} without {DataFolder.JournalFile}, which may hold acknowledged changes. "
                + "Restore it together with its -wal file, or restore the whole folder from a copy.");
        }

        var journal = new CommitJournal(CommitJournal.OpenFile(folder), context.Fault);
        SqliteDatabase? tables = null;
        try
        {
            tables = TableMerge.OpenFile(folder, context.Options.MergeCacheBytes);
            var meta = TableMeta.Read(tables);
            var memory = Recover(journal, meta, context);
            return new CustomerFiles(context, journal, tables, memory);
        }
        catch (Exception failure)
        {
            tables?.Dispose();
            journal.Dispose();
            if (failure is SqliteFailure sqlite)
            {
                throw new StoreException(folder.Explain(DataFolder.CustomersFile, sqlite), failure);
            }

            throw;
        }
    }

    public void Start()
    {
        Merges.Start();
        _commits.Start();
    }

    /// <summary>Commits what waits, merges, and closes the files; each for as long as the options allow.</summary>
    public void Close()
    {
        var started = Stopwatch.GetTimestamp();
        var timeout = _context.Options.CloseTimeout;
        Queue.Close();
        while (!_commits.Join(timeout))
        {
            _context.Logger.LogWarning("Closing waits for a commit that takes longer than {Timeout}", timeout);
        }

        var left = timeout - Stopwatch.GetElapsedTime(started);
        left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        var isMerged = Merges.Close(left);
        left = timeout - Stopwatch.GetElapsedTime(started);
        if (isMerged && left > TimeSpan.Zero)
        {
            Merges.CancelAfter(left);
            if (Merges.MergeAll())
            {
                TrimJournal();
            }
        }

        Dispose();
    }

    public void Dispose()
    {
        Reads.Dispose();
        _check.Dispose();
        Merges.Dispose();
        _journal.Dispose();
    }

    private static StoreMemory Recover(CommitJournal journal, TableMeta meta, StoreContext context)
    {
        var isEmpty = meta.MergedThroughCommit == 0 && journal.LastNumber == 0;
        var memory = new StoreMemory(
            new VersionTable(context.Options.VersionsRememberedMax, isEmpty),
            new CommittedTotals(meta.Totals),
            new EarliestDeadline(meta.EarliestDueMilliseconds));
        journal.ContinueAfter(meta.MergedThroughCommit);
        try
        {
            foreach (var commit in journal.ReadUnmerged(meta.MergedThroughCommit))
            {
                memory.Apply(commit);
            }
        }
        catch (Exception failure) when (failure is InvalidDataException or SqliteFailure)
        {
            throw new StoreException(
                $"{context.Folder.FileOf(DataFolder.JournalFile)} is damaged: {failure.Message}. Restore {context.Folder.Path} from a copy.", failure);
        }

        return memory;
    }

    private void TrimJournal()
    {
        try
        {
            _journal.TrimAll();
        }
        catch (SqliteFailure failure)
        {
            _context.Logger.LogWarning(failure, "The journal was not trimmed; the next start does without");
        }
    }
}
