using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>A customer in memory, as sweeps and training see it.</summary>
public interface ILiveRecord
{
    /// <summary>
    /// A copy of the record, when it is the one that the store has; null when there is none. False while changes are on their way: then
    /// only the store knows. Any thread may ask.
    /// </summary>
    bool TryReadDurable(out CustomerRecord? record);
}
