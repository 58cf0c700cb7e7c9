namespace OrleansSegments.Engine.Explanation;

/// <summary>The smallest change of this one feature that would move the customer, all else equal.</summary>
/// <param name="From">The value now, in transformed units.</param>
/// <param name="To">The value at which the customer moves.</param>
/// <param name="ScaledChange">The size of the step in scaled space, by which the steps of different features compare.</param>
/// <param name="SegmentId">Where the customer would go.</param>
public sealed record Counterfactual(string Feature, double From, double To, double ScaledChange, int SegmentId, string SegmentName);
