using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Postgres.Totals;

/// <summary>The totals as one snapshot of the database shows them.</summary>
/// <param name="IsBehind">There are transitions that cannot be read yet, because a transaction that began before them is still under way.</param>
internal sealed record TotalsReading(SegmentTotals Totals, bool IsBehind);
