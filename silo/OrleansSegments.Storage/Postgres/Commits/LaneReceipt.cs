namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>What a commit makes durable.</summary>
/// <param name="LatestOccurredAtMilliseconds">The latest moment that its changes spoke of; 0 when there were none.</param>
internal readonly record struct LaneReceipt(int Changes, int Transitions, long LatestOccurredAtMilliseconds);
