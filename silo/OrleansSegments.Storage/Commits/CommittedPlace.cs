namespace OrleansSegments.Storage.Commits;

/// <summary>What the journal says about a commit that it holds.</summary>
/// <param name="Number">Counts commits; a later one has a greater number.</param>
/// <param name="Bytes">What it takes in the journal.</param>
internal readonly record struct CommittedPlace(long Number, long Bytes);
