using OrleansSegments.Storage.Customers;

namespace OrleansSegments.ClusterTests.Storage.Crashes;

/// <summary>A change that was handed in, and whether the store had answered it when it was killed.</summary>
internal sealed class SentChange
{
    private readonly ValueTask<CommitOutcome> _promise;

    public SentChange(CustomerChange change, ValueTask<CommitOutcome> promise)
    {
        Change = change;
        _promise = promise;
        Answer = promise.AsTask();
    }

    public CustomerChange Change { get; }

    /// <summary>Completes a moment after the store answered.</summary>
    public Task<CommitOutcome> Answer { get; }

    public bool WasAnswered { get; private set; }

    public static void NoteAnswers(List<SentChange> sent)
    {
        lock (sent)
        {
            foreach (var change in sent)
            {
                change.WasAnswered = change._promise.IsCompleted;
            }
        }
    }
}
