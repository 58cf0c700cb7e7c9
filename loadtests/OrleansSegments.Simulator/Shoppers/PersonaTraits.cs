namespace OrleansSegments.Simulator.Shoppers;

/// <summary>
/// Who the shoppers of a persona tend to be: means, deviations and shares, so that traits point to the persona without giving it away.
/// Ages in years, tenure in days, sensitivities from 0 to 1.
/// </summary>
internal sealed record PersonaTraits
{
    public required double AgeMean { get; init; }

    public required double AgeDeviation { get; init; }

    public required double FemaleShare { get; init; }

    public required int HouseholdSizeMin { get; init; }

    public required int HouseholdSizeMax { get; init; }

    public required double PriceSensitivityMean { get; init; }

    public required double EcoInterestMean { get; init; }

    public required double NewsletterShare { get; init; }

    public required double UrbanShare { get; init; }

    public required double AbroadShare { get; init; }

    public required double TenureMeanDays { get; init; }
}
