using System.Runtime.InteropServices;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The work of one commit, its changes gathered into one chain per customer. A change that does not fit its customer's chain waits for what
/// becomes of the chain: if the chain is accepted the change is a conflict, if it is refused the change may be the one that fits.
/// </summary>
internal sealed class CommitBatch
{
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, CustomerChain> _chainByCustomerId = [];

    /// <summary>Known customers before new ones, each in the order of the table: all writers lock rows in one order and do not wait for each other.</summary>
    public CustomerChain[] Chains { get; private set; } = [];

    public List<PendingDeadlines> Deadlines { get; } = [];

    public bool IsEmpty => Chains.Length == 0 && Deadlines.Count == 0;

    /// <summary>The earliest deadline that the batch sets, Unix milliseconds.</summary>
    public long EarliestDue => Chains.Where(static chain => !chain.IsRefused).Select(static chain => chain.Last.DueAtMilliseconds)
        .Concat(Deadlines.SelectMany(static piece => piece.Updates).Select(static update => update.DueAtMilliseconds))
        .Min() ?? long.MaxValue;

    public void Fill(List<PendingWork> works)
    {
        foreach (var work in works)
        {
            if (work is PendingChange change)
            {
                _places.Add(PlaceOf(change));
            }
            else
            {
                Deadlines.Add((PendingDeadlines)work);
            }
        }

        Chains = [.. _chainByCustomerId.Values];
        Array.Sort(Chains, static (left, right) => left.IsNew == right.IsNew ? left.Id.AsSpan().SequenceCompareTo(right.Id) : left.IsNew ? 1 : -1);
    }

    /// <summary>Lets everything go, so that a lane that waits for work holds no states.</summary>
    public void Clear()
    {
        _places.Clear();
        _chainByCustomerId.Clear();
        Chains = [];
        Deadlines.Clear();
    }

    /// <summary>What counts once it is known which chains are refused: its transitions in the order in which they were handed in, and its messages.</summary>
    public (CommitReceipt Receipt, CustomerChange[] Transitions, SpilledMessage[] Messages) Accepted()
    {
        var (changes, latestOccurred) = (0, 0L);
        var transitions = new List<CustomerChange>();
        var messages = new List<SpilledMessage>();
        foreach (var place in _places)
        {
            if (place.IsAccepted)
            {
                var change = place.Work.Change;
                changes++;
                latestOccurred = Math.Max(latestOccurred, change.OccurredAtMilliseconds);
                foreach (var mark in change.Messages)
                {
                    messages.Add(new SpilledMessage(place.Chain!.Id, mark));
                }

                if (change.IsTransition)
                {
                    transitions.Add(change);
                }
            }
        }

        return (new CommitReceipt(changes, transitions.Count, latestOccurred), [.. transitions], [.. messages]);
    }

    /// <summary>What becomes of every piece of work; null for one that has yet to be compared with the stored row.</summary>
    public IEnumerable<(PendingWork Work, CommitOutcome? Outcome)> Outcomes(bool isDurable)
    {
        // Without a commit there are no conflicts either: what stood in the way may not have become durable.
        foreach (var place in _places)
        {
            yield return (place.Work, !isDurable ? CommitOutcome.Unavailable : place.Outcome);
        }

        foreach (var piece in Deadlines)
        {
            yield return (piece, isDurable ? CommitOutcome.Committed : CommitOutcome.Unavailable);
        }
    }

    private Place PlaceOf(PendingChange work)
    {
        var change = work.Change;
        if (change.Record.Version == 1 != change.PreviousSegmentId is null)
        {
            // Only a first write has no segment before it: no stored row fits.
            return new Place(work, null, Fits: false);
        }

        ref var chain = ref CollectionsMarshal.GetValueRefOrAddDefault(_chainByCustomerId, change.CustomerId, out var isKnown);
        chain ??= new CustomerChain(change);
        return new Place(work, chain, Fits: !isKnown || chain.TryAppend(change));
    }

    /// <param name="Chain">The chain of the change's customer; null when no stored row can fit the change.</param>
    /// <param name="Fits">Whether the change is part of the chain.</param>
    private readonly record struct Place(PendingChange Work, CustomerChain? Chain, bool Fits)
    {
        public bool IsAccepted => Fits && !Chain!.IsRefused;

        public CommitOutcome? Outcome => IsAccepted ? CommitOutcome.Committed : !Fits && Chain is { IsRefused: true } ? null : CommitOutcome.Conflict;
    }
}

/// <summary>
/// One customer's changes in one commit, each of which expects what the one before it leaves. Only the last record is written; the stored
/// row must be what the first change expects, or none of them counts.
/// </summary>
internal sealed class CustomerChain
{
    public CustomerChain(CustomerChange first) => (First, Last) = (first, first);

    public CustomerChange First { get; }

    public CustomerChange Last { get; private set; }

    public byte[] Id => field ??= Rows.IdOf(First.CustomerId);

    /// <summary>The stored row was not what the first change expects.</summary>
    public bool IsRefused { get; set; }

    public bool IsNew => First.PreviousSegmentId is null;

    public bool TryAppend(CustomerChange next)
    {
        if (next.Record.Version - 1 != Last.Record.Version || next.PreviousSegmentId != Last.Record.SegmentId)
        {
            return false;
        }

        Last = next;
        return true;
    }
}

/// <summary>A message that the state of its customer no longer remembers.</summary>
internal readonly record struct SpilledMessage(byte[] CustomerId, MessageMark Mark);

/// <summary>What a commit makes durable.</summary>
/// <param name="LatestOccurredAtMilliseconds">The latest moment that its changes spoke of; 0 when there were none.</param>
internal readonly record struct CommitReceipt(int Changes, int Transitions, long LatestOccurredAtMilliseconds);
