using OrleansSegments.Simulator.Events;

namespace OrleansSegments.Simulator;

/// <summary>What is delivered from <paramref name="From"/> until before <paramref name="Until"/>, in the order of delivery.</summary>
public sealed record SimulationSlice(DateTimeOffset From, DateTimeOffset Until, ReadOnlyMemory<SimulatedEvent> Events);
