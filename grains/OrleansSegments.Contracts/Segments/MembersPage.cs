using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>Some members of a segment, ordered by id. Who joins or leaves meanwhile never makes another member appear twice or be left out.</summary>
/// <param name="NextCursor">Hand in to go on; null at the end.</param>
[GenerateSerializer, Immutable, Alias("members-page")]
public sealed record MembersPage([property: Id(0)] string[] CustomerIds, [property: Id(1)] string? NextCursor);
