namespace OrleansSegments.ClientApi.Segments;

/// <summary>A page of a segment's members, ordered by id.</summary>
/// <param name="NextCursor">Hand in as cursor to go on; null at the end.</param>
internal sealed record MembersAnswer(string Id, string[] Members, string? NextCursor);
