using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// The commit thread: takes all queued work as soon as the previous commit ended, checks versions, makes it durable as one batch, updates
/// the memory, and only then tells the callers. The only writer of the database and of <see cref="StoreMemory"/>.
/// </summary>
internal sealed class CommitLoop(CommitQueue queue, StoreFiles files, StoreMemory memory, StoreContext context) : IDisposable
{
    private readonly CommitDraft _draft = new(files, memory);
    private readonly DocumentDraft _documents = new(files);
    private readonly CommitBatch _written = new();
    private readonly List<PendingWork> _batch = [];
    private readonly List<CommitOutcome> _outcomes = [];
    private bool _mustReopen;
    private Thread? _thread;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "store commits" };
        _thread.Start();
    }

    /// <summary>Waits for the thread to end; the queue must be closed. Returns false on timeout.</summary>
    public bool Join(TimeSpan timeout) => _thread?.Join(timeout) ?? true;

    public void Dispose() => _written.Dispose();

    private void Run()
    {
        while (queue.Take(_batch))
        {
            try
            {
                Commit();
            }
            catch (Exception failure)
            {
                Fail(failure);
            }

            Answer();
        }
    }

    private void Commit()
    {
        _outcomes.Clear();
        if (_mustReopen)
        {
            Reopen();
        }

        var changes = Check();
        if (_draft.IsEmpty && _documents.IsEmpty)
        {
            return;
        }

        context.Fault(StoreStep.CommitChecked);
        var totalsAfter = _draft.TotalsAfter();
        files.Write(_written.Fill(files.ForCommits, _draft, _documents, totalsAfter));
        context.Fault(StoreStep.CommitDurable);
        memory.Apply(_draft, totalsAfter);
        context.Fault(StoreStep.CommitApplied);
        context.Condition.Committed(changes, _draft.Transitions.Length);
    }

    /// <returns>The number of changes in the draft.</returns>
    private int Check()
    {
        _draft.Begin();
        _documents.Begin();
        var changes = 0;
        foreach (var work in _batch)
        {
            var isFit = true;
            switch (work)
            {
                case PendingChange pending:
                    isFit = _draft.TryChange(pending.Change);
                    changes += isFit ? 1 : 0;
                    break;
                case PendingDocument pending:
                    isFit = _documents.TryChange(pending);
                    break;
                case PendingDeadlines pending:
                    foreach (var update in pending.Updates)
                    {
                        _draft.TryChangeDeadline(update, pending.AreExact);
                    }

                    break;
            }

            _outcomes.Add(isFit ? CommitOutcome.Committed : CommitOutcome.Conflict);
        }

        return changes;
    }

    // After any failure, even a bug, only the database knows what is durable: it is reopened and the memory reloaded before the next write.
    private void Fail(Exception failure)
    {
        _outcomes.Clear();
        _mustReopen = true;
        var problem = context.Folder.Explain(failure);
        if (problem != context.Condition.Problem)
        {
            context.Logger.LogError(failure, "{Problem}", problem);
        }

        context.Condition.Failed(problem);
    }

    private void Reopen()
    {
        files.Reopen();
        if (memory.Load(files.ForCommits) is { } contradiction)
        {
            throw new StoreException(context.Folder.ExplainDamage(contradiction));
        }

        _mustReopen = false;
        context.Logger.LogInformation("Store {Folder} accepts changes again", context.Folder.Path);
    }

    // No outcomes: the whole commit failed. Even a conflict does not count, because it may be a conflict with a change of this commit.
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
