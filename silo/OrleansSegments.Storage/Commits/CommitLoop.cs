using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Merging;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// The commit thread: takes all that waits as soon as the previous commit ended, checks it, makes it durable as one piece of the journal,
/// lets memory know, and only then tells the callers. The only writer of the journal and of <see cref="StoreMemory"/>.
/// </summary>
internal sealed class CommitLoop(
    CommitQueue queue, CommitCheck check, CommitJournal journal, StoreMemory memory, MergeLoop merges, StoreContext context)
{
    private readonly CommitDraft _draft = new();
    private readonly PreparedIds _ids = new(memory.Hash);
    private readonly List<PendingWork> _batch = [];
    private readonly List<CommitOutcome> _outcomes = [];
    private UnmergedView _view = memory.Unmerged.View;
    private Thread? _thread;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "store commits" };
        _thread.Start();
    }

    /// <summary>Waits for the thread to end; the queue must be closed. False when the time is up.</summary>
    public bool Join(TimeSpan timeout) => _thread?.Join(timeout) ?? true;

    private void Run()
    {
        while (queue.Take(_batch, Timeout.InfiniteTimeSpan))
        {
            try
            {
                Commit();
            }
            catch (Exception failure)
            {
                // A bug, not a disk: nothing of this batch is known to be durable and nothing more is written.
                Fail("Commits stopped after an unexpected failure; start the process again.", failure, isFatal: true);
            }

            Answer();
        }
    }

    private void Commit()
    {
        _outcomes.Clear();
        if (context.Condition.IsFatal || !merges.WaitForRoom())
        {
            return;
        }

        try
        {
            Check();
            if (_draft.IsEmpty)
            {
                return;
            }

            context.Fault(StoreStep.CommitChecked);
            Write();
        }
        catch (SqliteFailure failure)
        {
            Fail(context.Folder.Explain(DataFolder.CustomersFile, failure), failure, isFatal: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(context.Folder.ExplainJournal(failure), failure, isFatal: false);
        }
    }

    private void Check()
    {
        // One view for the whole commit: what is merged meanwhile stays true in it, and this thread alone adds.
        _view = memory.Unmerged.View;
        _draft.Begin(memory.Totals.Current, _view.Current);
        for (int start = 0, end; start < _batch.Count; start = end)
        {
            end = Math.Min(start + PreparedIds.IdsMax, _batch.Count);
            Check(start, end);
        }
    }

    private void Check(int start, int end)
    {
        _ids.Clear();
        for (var index = start; index < end; index++)
        {
            if (_batch[index] is PendingChange pending)
            {
                _ids.Add(pending.Change.CustomerId);
            }
        }

        _ids.FindPlaces(_draft.PlacesIn, _view.Merging);
        var next = 0;
        for (var index = start; index < end; index++)
        {
            switch (_batch[index])
            {
                case PendingChange pending:
                    var isFit = check.TryAdd(_draft, pending.Change, _ids, next);
                    _outcomes.Add(isFit ? CommitOutcome.Committed : CommitOutcome.Conflict);
                    next++;
                    break;
                case PendingDeadlines pending:
                    foreach (var update in pending.Updates)
                    {
                        check.Add(_draft, update);
                    }

                    _outcomes.Add(CommitOutcome.Committed);
                    break;
            }
        }
    }

    private void Write()
    {
        var totalsAfter = _draft.TotalsAfter();
        var commit = journal.Append(_draft, totalsAfter);
        try
        {
            context.Fault(StoreStep.CommitDurable);
            memory.Apply(commit, _draft.Content(totalsAfter), _draft.PlacesIn, _draft.Places);
            context.Fault(StoreStep.CommitApplied);
            context.Condition.Committed(_outcomes.Count(outcome => outcome == CommitOutcome.Committed), _draft.TransitionCount);
            merges.CommitEnded();
        }
        catch (Exception failure)
        {
            // Durable, and memory may not know: going on would check changes against the wrong versions.
            Fail("A commit is on disk and could not be taken into memory; start the process again.", failure, isFatal: true);
        }
    }

    private void Fail(string problem, Exception failure, bool isFatal)
    {
        _outcomes.Clear();
        if (context.Condition.IsWritable || isFatal)
        {
            context.Logger.LogError(failure, "{Problem}", problem);
        }

        context.Condition.CommitFailed(problem);
        if (isFatal)
        {
            context.Condition.Fatal(problem);
        }
    }

    // Without outcomes the commit as a whole failed: even a conflict was only a conflict with changes that do not count.
    private void Answer()
    {
        queue.Release(_batch);
        for (var index = 0; index < _batch.Count; index++)
        {
            _batch[index].Complete(_outcomes.Count == 0 ? CommitOutcome.Unavailable : _outcomes[index]);
        }

        context.Fault(StoreStep.CommitAcknowledged);
    }
}
