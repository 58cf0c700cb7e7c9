using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Deadlines;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Journal.Legacy;
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
        Unmerged = new UnmergedReads(memory, journal.Bodies);
        var limits = context.Options.CommitLimits;
        Queue = new CommitQueue(limits, new WaitingWork(limits));
        Reads = new ReadPool(context);
        Merges = new MergeLoop(new TableMerge(tables, journal.Bodies, memory, context.Fault), journal, memory, context);
        _check = new CommitCheck(memory, SqliteDatabase.Open(tables.Path));
        _commits = new CommitLoop(Queue, _check, journal, memory, Merges, context);
    }

    public UnmergedReads Unmerged { get; }

    public StoreMemory Memory => Unmerged.Memory;

    public CommitQueue Queue { get; }

    public ReadPool Reads { get; }

    public MergeLoop Merges { get; }

    /// <exception cref="StoreException">A file cannot be used, or the two do not belong together.</exception>
    public static CustomerFiles Open(StoreContext context)
    {
        SqliteDatabase? tables = null;
        CommitJournal? journal = null;
        try
        {
            if (!context.Folder.Has(DataFolder.CustomersFile) && !LegacyJournal.IsIn(context.Folder))
            {
                // Before the tables, so that tables without a journal are always a journal that was lost.
                JournalOpening.Begin(context.Folder);
            }

            tables = TableMerge.OpenFile(context.Folder, context.Options.MergeCacheBytes);
            var meta = TableMeta.Read(tables);
            if (LegacyJournal.IsIn(context.Folder))
            {
                LegacyJournal.Move(context, meta.MergedThroughCommit);
            }

            var memory = MemoryOf(meta, context);
            journal = JournalOpening.Open(context, meta.MergedThroughCommit, memory.Hash, (commit, content) => memory.Apply(commit, content, null, []));
            return new CustomerFiles(context, journal, tables, memory);
        }
        catch (Exception failure)
        {
            journal?.Dispose();
            tables?.Dispose();
            if (failure is SqliteFailure sqlite)
            {
                throw new StoreException(context.Folder.Explain(DataFolder.CustomersFile, sqlite), failure);
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

    private static StoreMemory MemoryOf(TableMeta meta, StoreContext context) => new(
        new VersionTable(context.Options.VersionsRememberedMax, isComplete: meta.MergedThroughCommit == 0),
        new CommittedTotals(meta.Totals),
        new EarliestDeadline(meta.EarliestDueMilliseconds));

    private void TrimJournal()
    {
        try
        {
            _journal.TrimAll();
        }
        catch (IOException failure)
        {
            _context.Logger.LogWarning(failure, "The journal was not trimmed; the next start does without");
        }
    }
}
