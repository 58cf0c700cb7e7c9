using System.Diagnostics;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// The work queue of one commit thread. Callers append to a list under a short lock; the commit thread swaps the list for an empty one and
/// takes batches from it. The limits count work that is queued and not yet answered.
/// </summary>
internal sealed class CommitQueue(CommitLimits limits, WaitingWork waitingWork)
{
    private readonly object _gate = new();
    private List<PendingWork> _waiting = [];
    private List<PendingWork> _dealt = [];
    private int _next;
    private long _dealtAt;
    private bool _isClosed;

    public int ChangesWaiting => waitingWork.Changes;

    /// <summary>Queues a change, or refuses it before this method returns.</summary>
    public void AddOrRefuse(CustomerChange change, ICommitListener listener)
    {
        var admission = Add(new PendingChange(change, listener), isLimited: true);
        if (admission != CommitAdmission.Waiting)
        {
            listener.Ended(admission == CommitAdmission.Full ? CommitOutcome.Overloaded : CommitOutcome.Unavailable);
        }
    }

    /// <summary>Queues unless a limit is reached; bulk work, of which each caller has one piece at a time, is not limited.</summary>
    public CommitAdmission Add(PendingWork work, bool isLimited)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return CommitAdmission.Closed;
            }

            if (!waitingWork.TryEnter(work, isLimited))
            {
                return CommitAdmission.Full;
            }

            _waiting.Add(work);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return CommitAdmission.Waiting;
        }
    }

    /// <summary>
    /// Fills the batch with the oldest work, within the limits of a commit; waits while the queue is empty. Returns false when closed and
    /// empty.
    /// </summary>
    public bool Take(List<PendingWork> batch)
    {
        batch.Clear();
        if (_next == _dealt.Count && !Swap())
        {
            return false;
        }

        var changes = 0;
        var bytes = 0L;
        while (_next < _dealt.Count)
        {
            var work = _dealt[_next];
            changes += work.Changes;
            bytes += work.Bytes;
            if (batch.Count > 0 && (changes > limits.CommitChangesMax || bytes > limits.CommitBytesMax))
            {
                break;
            }

            batch.Add(work);
            _dealt[_next++] = null!;
        }

        return true;
    }

    /// <summary>The batch is answered and no longer counts against the limits.</summary>
    public void Release(List<PendingWork> batch) => waitingWork.Leave(batch);

    /// <summary>Accepts no more work; queued work is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool Swap()
    {
        var isBusy = _dealt.Count > 1;
        _dealt.Clear();
        _next = 0;
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isClosed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            if (isBusy)
            {
                Gather();
            }

            _dealtAt = Stopwatch.GetTimestamp();
            (_waiting, _dealt) = (_dealt, _waiting);
            return true;
        }
    }

    // Waits for the rest of CommitInterval while a batch of events is being recorded, whose changes arrive in quick succession: without the
    // wait they would be split into many small commits. After idle time, and for single changes, there is no wait.
    private void Gather()
    {
        while (!_isClosed && limits.CommitInterval - Stopwatch.GetElapsedTime(_dealtAt) is var left && left > TimeSpan.Zero)
        {
            Monitor.Wait(_gate, (int)Math.Ceiling(left.TotalMilliseconds));
        }
    }
}
