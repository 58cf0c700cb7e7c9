using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Tools.Replay;

/// <summary>An event on its way into a silo, and where in a file it came from.</summary>
/// <param name="Line">The line it begins on, counted from 1 with the header; 0 when it comes from no file.</param>
/// <param name="Json">The event as a JSON object of the Segment specification, for the HTTP API; empty when it never goes there.</param>
public readonly record struct ReplayEvent(CustomerEvent Event, long Line, ReadOnlyMemory<byte> Json = default);
