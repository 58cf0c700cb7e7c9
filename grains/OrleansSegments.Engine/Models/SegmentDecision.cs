namespace OrleansSegments.Engine.Models;

/// <summary>Where a customer belongs under one model.</summary>
/// <param name="SegmentId">The effective segment, after hysteresis.</param>
/// <param name="NearestSegmentId">The segment of the nearest centroid; differs while hysteresis holds a customer back.</param>
/// <param name="NearestSquared">Squared distance to the nearest centroid, scaled space.</param>
/// <param name="EffectiveSquared">Squared distance to the effective segment's centroid.</param>
public readonly record struct SegmentDecision(int SegmentId, int NearestSegmentId, float NearestSquared, float EffectiveSquared)
{
    /// <summary>Whether hysteresis keeps the customer where it was though another centroid is nearer.</summary>
    public bool IsHeldBack => SegmentId != NearestSegmentId;
}
