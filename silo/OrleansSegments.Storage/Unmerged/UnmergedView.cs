using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>
/// The layers above the tables at one moment. A reader takes the view first and reads the tables second: whatever a merge moves in
/// between, it then sees twice and not never.
/// </summary>
/// <param name="Current">Receives commits.</param>
/// <param name="Merging">Frozen, on its way into the tables; null between merges.</param>
internal sealed record UnmergedView(UnmergedGeneration Current, UnmergedGeneration? Merging)
{
    public int Count => Current.Count + (Merging?.Count ?? 0);

    public long Bytes => Current.Bytes + (Merging?.Bytes ?? 0);

    /// <summary>The newest layer's entry, with or without a record.</summary>
    public UnmergedCustomer? Find(string customerId) => Current.Find(customerId) ?? Merging?.Find(customerId);

    /// <summary>The newest record above the tables.</summary>
    public CustomerRecord? FindRecord(string customerId) => Current.Find(customerId)?.Record ?? Merging?.Find(customerId)?.Record;

    /// <summary>Everyone above the tables once, as the newest layer has them.</summary>
    public IEnumerable<KeyValuePair<string, UnmergedCustomer>> Customers()
    {
        foreach (var customer in Current.Customers)
        {
            yield return customer;
        }

        if (Merging is null)
        {
            yield break;
        }

        foreach (var customer in Merging.Customers)
        {
            if (Current.Find(customer.Key) is null)
            {
                yield return customer;
            }
        }
    }
}
