using System.Runtime.InteropServices;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The work of one commit, its changes grouped into one chain per customer. A change that does not fit its customer's chain is decided
/// after the chain: if the chain is accepted the change is a conflict; if it is refused the change may be the one that fits the stored row.
/// </summary>
internal sealed class CommitBatch
{
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, CustomerChain> _chainByCustomerId = [];

    /// <summary>
    /// Existing customers before new ones, each in the table's key order: all writers lock rows in the same order, so they cannot deadlock.
    /// </summary>
    public CustomerChain[] Chains { get; private set; } = [];

    public List<PendingDeadlines> Deadlines { get; } = [];

    public bool IsEmpty => Chains.Length == 0 && Deadlines.Count == 0;

    /// <summary>The earliest deadline set by the batch, Unix milliseconds.</summary>
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

    /// <summary>Drops all references, so that an idle lane holds no states.</summary>
    public void Clear()
    {
        _places.Clear();
        _chainByCustomerId.Clear();
        Chains = [];
        Deadlines.Clear();
    }

    /// <summary>
    /// The accepted changes once the refused chains are known: their transitions in the order of submission, their messages, and what they
    /// leave of the index of traits.
    /// </summary>
    public (CommitReceipt Receipt, CustomerChange[] Transitions, SpilledMessage[] Messages, IndexedTrait[] Traits) Accepted()
    {
        var (changes, latestOccurred) = (0, 0L);
        var transitions = new List<CustomerChange>();
        var messages = new List<SpilledMessage>();
        Dictionary<(string CustomerId, string Trait, string Value), bool>? traits = null;
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

                foreach (var entry in change.Traits)
                {
                    // The last word on an entry counts: a chain may remove what it added.
                    (traits ??= [])[(change.CustomerId, entry.Trait, entry.Value)] = entry.IsAdded;
                }

                if (change.IsTransition)
                {
                    transitions.Add(change);
                }
            }
        }

        IndexedTrait[] indexed = traits is null ? [] : [.. traits.Select(static entry => new IndexedTrait(entry.Key.CustomerId, entry.Key.Trait, entry.Key.Value, entry.Value))];
        return (new CommitReceipt(changes, transitions.Count, latestOccurred), [.. transitions], [.. messages], indexed);
    }

    /// <summary>The outcome of every piece of work; null for one that must still be compared with the stored row.</summary>
    public IEnumerable<(PendingWork Work, CommitOutcome? Outcome)> Outcomes(bool isDurable)
    {
        // Without a durable commit there are no conflicts either: the conflicting change may not have become durable.
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
            // Only a first write has no previous segment: no stored row can match.
            return new Place(work, null, Fits: false);
        }

        ref var chain = ref CollectionsMarshal.GetValueRefOrAddDefault(_chainByCustomerId, change.CustomerId, out var isKnown);
        chain ??= new CustomerChain(change);
        return new Place(work, chain, Fits: !isKnown || chain.TryAppend(change));
    }

    /// <param name="Chain">The chain of the change's customer; null when no stored row can match the change.</param>
    /// <param name="Fits">True when the change is part of the chain.</param>
    private readonly record struct Place(PendingChange Work, CustomerChain? Chain, bool Fits)
    {
        public bool IsAccepted => Fits && !Chain!.IsRefused;

        public CommitOutcome? Outcome => IsAccepted ? CommitOutcome.Committed : !Fits && Chain is { IsRefused: true } ? null : CommitOutcome.Conflict;
    }
}

/// <summary>
/// One customer's changes in one commit; each expects the result of the previous one. Only the last record is written. The stored row must
/// match the first change's expectation, otherwise none of them counts.
/// </summary>
internal sealed class CustomerChain
{
    public CustomerChain(CustomerChange first) => (First, Last) = (first, first);

    public CustomerChange First { get; }

    public CustomerChange Last { get; private set; }

    public byte[] Id => field ??= Rows.IdOf(First.CustomerId);

    /// <summary>True when the stored row did not match the first change's expectation.</summary>
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

/// <summary>A message id that its customer's state no longer remembers.</summary>
internal readonly record struct SpilledMessage(byte[] CustomerId, MessageMark Mark);

/// <summary>An entry of the index of traits as a commit leaves it: there, or not.</summary>
internal readonly record struct IndexedTrait(string CustomerId, string Trait, string Value, bool IsAdded);

/// <summary>What a commit makes durable.</summary>
/// <param name="LatestOccurredAtMilliseconds">The latest time of its changes; 0 when there were none.</param>
internal readonly record struct CommitReceipt(int Changes, int Transitions, long LatestOccurredAtMilliseconds);
