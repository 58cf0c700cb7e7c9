using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>Owns the layers above the tables: the commit thread adds to one while the merge empties the other.</summary>
internal sealed class UnmergedChanges
{
    private readonly Lock _gate = new();
    private UnmergedView _view = new(new UnmergedGeneration(), null);

    public UnmergedView View => Volatile.Read(ref _view);

    public void Apply(CommitDraft draft, long commitNumber, SegmentTotals totals) =>
        Apply(commitNumber, draft.Entries, draft.Transitions, totals);

    public void Apply(long commitNumber, ReadOnlySpan<CommitEntry> entries, IReadOnlyList<Transition> transitions, SegmentTotals totals)
    {
        lock (_gate)
        {
            _view.Current.Apply(commitNumber, entries, transitions, totals);
        }
    }

    /// <summary>What is to be merged now: the generation whose merge failed before, else the current one, frozen; null when nothing is unmerged.</summary>
    public UnmergedGeneration? Freeze()
    {
        lock (_gate)
        {
            if (_view.Merging is null && !_view.Current.IsEmpty)
            {
                Volatile.Write(ref _view, new UnmergedView(new UnmergedGeneration(), _view.Current));
            }

            return _view.Merging;
        }
    }

    /// <summary>The tables hold the frozen generation.</summary>
    public void Release()
    {
        lock (_gate)
        {
            Volatile.Write(ref _view, _view with { Merging = null });
        }
    }
}
