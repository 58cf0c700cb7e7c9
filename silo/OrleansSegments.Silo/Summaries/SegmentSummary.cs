namespace OrleansSegments.Silo.Summaries;

/// <summary>One segment in a summary.</summary>
/// <param name="SetApartBy">What a marketer would say of it, strongest first.</param>
internal sealed record SegmentSummary(string Id, string Name, long Size, IReadOnlyList<string> SetApartBy);
