using OrleansSegments.Simulator.Randomness;
using OrleansSegments.Simulator.Shoppers;

namespace OrleansSegments.Simulator.Events;

/// <summary>Writes the traits of an identify event: demographic, psychographic and geographic factors, near the persona's and never equal to it.</summary>
internal static class TraitsText
{
    private const double SensitivityDeviation = 0.08;
    private const double TenureSpread = 0.4;

    /// <param name="json">Where to.</param>
    /// <param name="seed">The simulation's seed.</param>
    /// <param name="profile">Whose traits.</param>
    /// <param name="start">The simulation's start, from which the tenure is counted back.</param>
    public static void Write(ref JsonText json, ulong seed, in ShopperProfile profile, DateTimeOffset start)
    {
        PersonaTraits traits = profile.Traits;
        var random = new CounterRandom(seed, profile.Customer, -1 - profile.Epoch, RandomStream.Profile);
        double tenureDays = traits.TenureMeanDays * Math.Exp(TenureSpread * random.NextNormal());
        json.Raw("{\"createdAt\":\""u8);
        json.Instant(start.AddDays(-Math.Round(tenureDays)));
        json.Raw("\",\"age\":"u8);
        json.Number((long)Math.Clamp(Math.Round(traits.AgeMean + (traits.AgeDeviation * random.NextNormal())), 18, 95));
        json.Raw(random.NextChance(traits.FemaleShare) ? ",\"gender\":\"female\""u8 : ",\"gender\":\"male\""u8);
        json.Raw(",\"household_size\":"u8);
        json.Number(traits.HouseholdSizeMin + random.NextBelow(traits.HouseholdSizeMax - traits.HouseholdSizeMin + 1));
        json.Raw(",\"price_sensitivity\":"u8);
        json.Hundredths(Sensitivity(ref random, traits.PriceSensitivityMean));
        json.Raw(",\"eco_interest\":"u8);
        json.Hundredths(Sensitivity(ref random, traits.EcoInterestMean));
        json.Raw(random.NextChance(traits.NewsletterShare) ? ",\"newsletter\":true"u8 : ",\"newsletter\":false"u8);
        json.Raw(profile.Place.Urban ? ",\"area\":\"urban\""u8 : ",\"area\":\"rural\""u8);
        json.Raw(",\"address\":{\"city\":\""u8);
        json.Ascii(profile.Place.City);
        json.Raw("\",\"country\":\""u8);
        json.Ascii(profile.Place.Country);
        json.Raw("\"}}"u8);
    }

    private static long Sensitivity(ref CounterRandom random, double mean) =>
        (long)Math.Round(100 * Math.Clamp(mean + (SensitivityDeviation * random.NextNormal()), 0, 1));
}
