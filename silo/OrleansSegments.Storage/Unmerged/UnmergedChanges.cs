using OrleansSegments.Storage.Commits;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>Owns the layers above the tables: the commit thread adds to one while the merge empties the other.</summary>
internal sealed class UnmergedChanges
{
    private const int CustomersExpectedMin = 1_024;

    private readonly Lock _gate = new();
    private UnmergedView _view = new(new UnmergedGeneration(CustomersExpectedMin), null);

    public UnmergedView View => Volatile.Read(ref _view);

    /// <param name="places">Where the customers stand in <paramref name="placesIn"/>; of no use when that has been frozen meanwhile.</param>
    public void Apply(CommittedPlace commit, CommitContent content, UnmergedGeneration? placesIn, ReadOnlySpan<int> places)
    {
        lock (_gate)
        {
            _view.Current.Apply(commit, content, ReferenceEquals(placesIn, _view.Current) ? places : []);
        }
    }

    /// <summary>What is to be merged now: the generation whose merge failed before, else the current one, frozen; null when nothing is unmerged. One caller at a time.</summary>
    public UnmergedGeneration? Freeze()
    {
        var current = View.Current;
        if (View.Merging is null && !current.IsEmpty)
        {
            // The next one will be about as large: tables that grow under load would make commits wait.
            var next = new UnmergedGeneration(Math.Max(CustomersExpectedMin, current.Count));
            lock (_gate)
            {
                Volatile.Write(ref _view, new UnmergedView(next, current));
            }
        }

        return View.Merging;
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
