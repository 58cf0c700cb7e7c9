namespace OrleansSegments.Grains.Customers;

/// <summary>Where a customer belongs at a moment, and what hysteresis measured from.</summary>
/// <param name="SegmentId">The effective segment.</param>
/// <param name="NearestSegmentId">The nearest one, without hysteresis.</param>
/// <param name="SettledSegmentId">The reference of hysteresis for the rest of the hour; <see cref="Engine.Models.SegmentClassifier.NoSegment"/> while the customer is new to the model.</param>
/// <param name="SettledHour">That hour, in Unix hours.</param>
public readonly record struct CustomerPlacement(int SegmentId, int NearestSegmentId, int SettledSegmentId, int SettledHour);
