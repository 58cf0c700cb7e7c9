using OrleansSegments.Storage.Versions;

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

    /// <summary>The newest layer's entry, with or without a body.</summary>
    public bool TryFind(IdKey key, out UnmergedCustomer customer)
    {
        if (Current.TryFind(key, out customer))
        {
            return true;
        }

        return Merging is { } merging && merging.TryFind(key, out customer);
    }

    /// <summary>The entry with the newest body above the tables.</summary>
    public bool TryFindBody(IdKey key, out UnmergedCustomer customer)
    {
        if (Current.TryFind(key, out customer) && customer.HasBody)
        {
            return true;
        }

        return Merging is { } merging && merging.TryFind(key, out customer) && customer.HasBody;
    }
}
