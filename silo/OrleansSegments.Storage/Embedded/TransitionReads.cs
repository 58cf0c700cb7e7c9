using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// Reads of the transition log. Sequences are given by the one commit thread in the order in which commits become visible, so a cursor never passes
/// a transition that appears later.
/// </summary>
internal static class TransitionReads
{
    /// <param name="ask">Nothing beyond <c>Last</c> is read: the totals do not count it yet.</param>
    public static IReadOnlyList<Transition> After(Database database, (long AfterSequence, long Last, int Limit) ask)
    {
        var page = new List<Transition>();
        using var log = database.Scan(database.Transitions, ReadSetup.Plain)
            .From(Keys.Transition(ask.AfterSequence + 1, stackalloc byte[Keys.BytesMax]));
        while (page.Count < ask.Limit && log.MoveNext() && Keys.NumberOf(log.Key) <= ask.Last)
        {
            page.Add(TransitionRow.Transition(Keys.NumberOf(log.Key), log.Value));
        }

        return page;
    }

    /// <summary>Goes from the customer's row to its newest transition, and from each to the one before.</summary>
    public static IReadOnlyList<Transition> Of(Database database, (string CustomerId, int Limit) ask)
    {
        var page = new List<Transition>();
        Span<byte> buffer = stackalloc byte[Keys.BytesMax];
        var row = database.Find(Keys.Customer(ask.CustomerId, buffer), database.Customers);
        var next = row is null ? 0 : CustomerRow.Of(row).LastTransition;
        while (next != 0 && page.Count < ask.Limit)
        {
            var stored = database.Find(Keys.Transition(next, buffer), database.Transitions)
                ?? throw new StoreException($"The log lacks transition {next} of customer {ask.CustomerId}: restore the data folder from a copy.");
            page.Add(TransitionRow.Transition(next, stored));
            next = TransitionRow.Of(stored).Previous;
        }

        return page;
    }
}
