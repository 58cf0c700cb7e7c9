namespace OrleansSegments.Engine.Explanation;

/// <summary>What one feature says for the customer's own segment and against the runner-up.</summary>
/// <param name="Contribution">(x - runner-up)^2 - (x - own)^2 in scaled space: positive speaks for the own segment. Over all features these
/// add up to the difference of the squared distances; nothing is sampled or approximated.</param>
/// <param name="Value">The customer's value in transformed units (before centring and scaling).</param>
/// <param name="OwnCentre">The own segment's centre in the same units.</param>
/// <param name="RunnerUpCentre">The runner-up's centre in the same units.</param>
/// <param name="Scaled">The customer's scaled value, by which distance is measured.</param>
public sealed record FeatureContribution(
    string Feature, double Contribution, double Value, double OwnCentre, double RunnerUpCentre, float Scaled);
