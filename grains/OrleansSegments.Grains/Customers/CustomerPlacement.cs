namespace OrleansSegments.Grains.Customers;

/// <summary>Where a customer belongs at a moment, and what hysteresis measured from.</summary>
/// <param name="SegmentId">The effective segment.</param>
/// <param name="NearestSegmentId">The nearest one, without hysteresis.</param>
/// <param name="SettledSegmentId">The reference of hysteresis for the rest of the hour.</param>
/// <param name="SettledHour">That hour, in Unix hours.</param>
public readonly record struct CustomerPlacement(int SegmentId, int NearestSegmentId, int SettledSegmentId, int SettledHour);
