using System.Net;

namespace OrleansSegments.LoadGenerator;

/// <summary>The answer to one attempt.</summary>
/// <param name="Status">0 when there was no answer.</param>
/// <param name="RetryAfter">What the API asked for; null when it did not.</param>
/// <param name="Body">The answer's body; empty when there was no answer.</param>
/// <param name="Wait">How long to wait before the next attempt, as a client of the protocol does; zero after a success.</param>
public readonly record struct BatchAnswer(BatchOutcome Outcome, HttpStatusCode Status, TimeSpan? RetryAfter, ReadOnlyMemory<byte> Body, TimeSpan Wait);
