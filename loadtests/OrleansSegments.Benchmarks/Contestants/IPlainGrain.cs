using Orleans;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>A customer as a grain of the usual kind: a call an event, and its state written before the call ends.</summary>
public interface IPlainGrain : IGrainWithIntegerKey
{
    Task Apply(CustomerEvent one);
}
