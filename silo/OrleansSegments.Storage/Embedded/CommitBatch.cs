using System.Runtime.InteropServices;
using OrleansSegments.Storage.Totals;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>Turns a draft into the single write batch that makes it durable. Only for the commit thread.</summary>
internal sealed class CommitBatch : IDisposable
{
    private readonly WriteBatch _batch = new();
    private readonly byte[] _key = new byte[Keys.BytesMax];
    private readonly byte[] _indexKey = new byte[Keys.TraitBytesMax];
    private byte[] _value = new byte[64 * 1024];
    private string[] _ids = [];
    private int[] _order = [];

    public WriteBatch Fill(Database database, CommitDraft draft, DocumentDraft documents, SegmentTotals totalsAfter)
    {
        _batch.Clear();
        foreach (var index in InOrderOfIds(draft.Customers))
        {
            Put(database, in draft.Customers[index]);
        }

        foreach (var (transition, previous) in draft.Transitions)
        {
            _batch.Put(Keys.Transition(transition.Sequence, _key), TransitionRow.Write(transition, previous, _value), database.Transitions);
        }

        PutMessages(database, draft);
        PutTraits(database, draft);
        documents.WriteTo(_batch, database);
        if (!draft.IsEmpty)
        {
            _batch.Put(Keys.Totals, (ReadOnlySpan<byte>)TotalsRow.Write(totalsAfter));
        }

        return _batch;
    }

    public void Dispose() => _batch.Dispose();

    /// <summary>
    /// The changed customers roughly in key order: the memtable finds each insert position from the previous one, which halves the time of
    /// a commit's memtable inserts.
    /// </summary>
    private ReadOnlySpan<int> InOrderOfIds(ReadOnlySpan<DraftCustomer> customers)
    {
        if (_ids.Length < customers.Length)
        {
            _ids = new string[customers.Length];
            _order = new int[customers.Length];
        }

        var count = 0;
        for (var index = 0; index < customers.Length; index++)
        {
            if (customers[index].IsChanged)
            {
                (_ids[count], _order[count]) = (customers[index].Id, index);
                count++;
            }
        }

        Array.Sort(_ids, _order, 0, count, StringComparer.Ordinal);
        return _order.AsSpan(0, count);
    }

    private void Put(Database database, ref readonly DraftCustomer customer)
    {
        var id = Keys.Customer(customer.Id, _key);
        _batch.Put(id, Value(in customer), database.Customers);
        var (before, after) = (customer.Before, customer.Row);
        if (before.SegmentIdOrNull != after.SegmentId)
        {
            if (before.IsInPopulation)
            {
                _batch.Delete(Keys.Member(before.SegmentId, id, _indexKey), database.Members);
            }

            if (after.IsInPopulation)
            {
                _batch.Put(Keys.Member(after.SegmentId, id, _indexKey), default(ReadOnlySpan<byte>), database.Members);
            }
        }

        if (before.Listed != after.Listed)
        {
            if (before.Listed != CustomerRow.Never)
            {
                _batch.Delete(Keys.Deadline(before.Listed, id, _indexKey), database.Deadlines);
            }

            if (after.Listed != CustomerRow.Never)
            {
                _batch.Put(Keys.Deadline(after.Listed, id, _indexKey), default(ReadOnlySpan<byte>), database.Deadlines);
            }
        }
    }

    private void PutMessages(Database database, CommitDraft draft)
    {
        foreach (var change in draft.Spilling)
        {
            var id = Keys.Customer(change.CustomerId, _key);
            foreach (var mark in change.Messages)
            {
                MessageRow.Put(_batch, database, id, mark, _indexKey);
            }
        }

        if (draft.OldestDayKept is > 0 and var day)
        {
            MessageRow.DeleteBefore(_batch, database, day);
        }
    }

    private void PutTraits(Database database, CommitDraft draft)
    {
        foreach (var change in draft.Indexing)
        {
            var id = Keys.Customer(change.CustomerId, _key);
            foreach (var entry in change.Traits)
            {
                var key = Keys.Trait(entry.Trait, entry.Value, id, _indexKey);
                if (entry.IsAdded)
                {
                    _batch.Put(key, default(ReadOnlySpan<byte>), database.Traits);
                }
                else
                {
                    _batch.Delete(key, database.Traits);
                }
            }
        }
    }

    private ReadOnlySpan<byte> Value(ref readonly DraftCustomer customer)
    {
        var state = customer.State;
        var bytes = CustomerRow.Bytes + state.Length;
        if (_value.Length < bytes)
        {
            _value = new byte[bytes];
        }

        MemoryMarshal.Write(_value, in customer.Row);
        state.CopyTo(_value.AsSpan(CustomerRow.Bytes));
        return _value.AsSpan(0, bytes);
    }
}
