using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Silo.Imports;

/// <summary>An event made from a data set, and where in the file it came from.</summary>
/// <param name="Line">The line it begins on, counted from 1 with the header.</param>
public readonly record struct ReplayEvent(CustomerEvent Event, long Line);
