using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Journal;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Reads;

/// <summary>Reads records that stand only in the journal.</summary>
internal sealed class UnmergedReads(StoreMemory memory, JournalBodies bodies)
{
    public StoreMemory Memory => memory;

    /// <summary>The newest record above the tables; null when the tables have it, or nobody.</summary>
    /// <exception cref="StoreException">The journal is damaged, or cannot be read.</exception>
    public CustomerRecord? Find(IdKey key)
    {
        while (true)
        {
            var view = memory.Unmerged.View;
            if (!view.TryFindBody(key, out var customer))
            {
                return null;
            }

            if (TryRead(view, in customer, out var record))
            {
                return record;
            }
        }
    }

    /// <summary>Reads what a view leads to. False when a merge has moved it into the tables since: take a newer view.</summary>
    /// <exception cref="StoreException">The journal is damaged, or cannot be read.</exception>
    public bool TryRead(UnmergedView view, ref readonly UnmergedCustomer customer, out CustomerRecord? record)
    {
        try
        {
            record = bodies.TryRead(in customer);
        }
        catch (IOException failure)
        {
            throw new StoreException($"{JournalFolder.NameOf(customer.Body.FileNumber)} cannot be read: {failure.Message} Look at the disk.", failure);
        }

        if (record is null && ReferenceEquals(view, memory.Unmerged.View))
        {
            throw new StoreException(
                $"{JournalFolder.NameOf(customer.Body.FileNumber)} is damaged at byte {customer.Body.Offset}: a state has a wrong checksum. "
                + "Restore the data folder from a copy.");
        }

        return record is not null;
    }
}
