namespace OrleansSegments.Storage.Totals;

/// <summary>The totals after the last commit, with a signal for changes. Written only by the commit thread.</summary>
internal sealed class CommittedTotals(SegmentTotals initial)
{
    private SegmentTotals _current = initial;
    private TaskCompletionSource _next = NewSignal();

    public SegmentTotals Current => Volatile.Read(ref _current);

    public void Publish(SegmentTotals totals)
    {
        var moved = totals.Sequence > _current.Sequence;
        Volatile.Write(ref _current, totals);
        if (moved)
        {
            Interlocked.Exchange(ref _next, NewSignal()).SetResult();
        }
    }

    public async ValueTask WaitBeyondAsync(long sequence, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Read the signal first: a commit between the two lines completes this signal, not a later one.
            var next = Volatile.Read(ref _next).Task;
            if (Current.Sequence > sequence)
            {
                return;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
