using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>What every customer grain of a silo shares; one reference in the grain instead of nine, times a million.</summary>
public sealed record CustomerServices(
    ICustomerStore Store,
    CustomerEvaluator Evaluator,
    ModelCache Models,
    DirectDoor Door,
    StateMemory States,
    SegmentsMetrics Metrics,
    MessageMemory Messages,
    TimeProvider Clock);
