using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>A customer in memory, as sweeps and training see it.</summary>
public interface ILiveRecord
{
    /// <summary>The last record that is in the store; null before the first. Any thread may ask.</summary>
    CustomerRecord? Durable { get; }
}
