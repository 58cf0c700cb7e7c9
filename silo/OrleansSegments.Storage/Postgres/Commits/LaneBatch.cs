using System.Runtime.InteropServices;
using OrleansSegments.Storage.Commits;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// The work of one commit, its changes gathered into one chain per customer. A change that does not fit its customer's chain waits for what
/// becomes of the chain: if that is accepted the change is a conflict, if it is refused the change may be the one that fits.
/// </summary>
internal sealed class LaneBatch
{
    private readonly List<CustomerChain> _chains = [];
    private readonly Dictionary<string, CustomerChain> _chainByCustomerId = [];
    private readonly List<GatheredChange> _changes = [];
    private int _chainsUsed;

    /// <summary>The chains in the order of the table.</summary>
    public ReadOnlySpan<CustomerChain> Chains => CollectionsMarshal.AsSpan(_chains)[.._chainsUsed];

    /// <summary>All changes in the order in which they were handed in.</summary>
    public ReadOnlySpan<GatheredChange> Changes => CollectionsMarshal.AsSpan(_changes);

    public List<PendingDeadlines> Deadlines { get; } = [];

    public bool IsEmpty => _chainsUsed == 0 && Deadlines.Count == 0;

    public void Fill(List<PendingWork> works)
    {
        Clear();
        foreach (var work in works)
        {
            if (work is PendingChange change)
            {
                _changes.Add(Gather(change));
            }
            else
            {
                Deadlines.Add((PendingDeadlines)work);
            }
        }

        ChainSort.Sort(CollectionsMarshal.AsSpan(_chains)[.._chainsUsed], static chain => chain.CustomerId);
    }

    /// <summary>Lets everything go, so that a lane that waits for work holds no states.</summary>
    public void Clear()
    {
        foreach (var chain in Chains)
        {
            chain.Clear();
        }

        _chainsUsed = 0;
        _chainByCustomerId.Clear();
        _changes.Clear();
        Deadlines.Clear();
    }

    private GatheredChange Gather(PendingChange work)
    {
        var change = work.Change;
        if (change.Record.Version == 1 != change.PreviousSegmentId is null)
        {
            // Only a first write has no segment before it: no stored row fits.
            return new GatheredChange(work, null, Fits: false);
        }

        ref var chain = ref CollectionsMarshal.GetValueRefOrAddDefault(_chainByCustomerId, change.CustomerId, out var isKnown);
        if (isKnown)
        {
            return new GatheredChange(work, chain, chain!.TryAppend(change));
        }

        chain = NextChain();
        chain.Begin(change);
        return new GatheredChange(work, chain, Fits: true);
    }

    private CustomerChain NextChain()
    {
        if (_chainsUsed == _chains.Count)
        {
            _chains.Add(new CustomerChain());
        }

        return _chains[_chainsUsed++];
    }
}
