namespace OrleansSegments.Simulator;

/// <summary>
/// What happens in a demonstration on top of ordinary traffic: a day of sale, shoppers who stop coming, shoppers of a kind that did not exist before. A pure
/// function of the seed and of these days. Days that are still to come change nothing before them, so a story can be dated while it is under way.
/// </summary>
public sealed record Story
{
    /// <summary>Share of the bargain-prone shoppers that come for the sale.</summary>
    public const double SaleShare = 0.6;

    /// <summary>Visits of each of them on that day, besides the ordinary ones.</summary>
    public const int SaleVisits = 2;

    /// <summary>Share of the visits to the sale that end in an order.</summary>
    public const double SaleOrderShare = 0.8;

    /// <summary>Share of <see cref="LeavingPersona"/> that sends nothing any more from <see cref="InactivityDay"/> on.</summary>
    public const double LeavingShare = 0.5;

    public const Persona LeavingPersona = Persona.BargainHunter;

    /// <summary>Share of all shoppers that are <see cref="Persona.BeautyReviewer"/>s and do not exist before their day.</summary>
    public const double NewcomerShare = 0.12;

    /// <summary>Days over which the newcomers arrive, evenly.</summary>
    public const int ArrivalDays = 3;

    /// <summary>After the end of every simulation.</summary>
    private const int Never = 1_000_000;

    /// <summary>The personas that a sale attracts. The silent ones forget it again: time takes them out of the segment that the sale brought them to.</summary>
    public static IReadOnlyList<Persona> BargainProne { get; } = [Persona.BargainHunter, Persona.EveningMobileBrowser, Persona.Dormant];

    /// <summary>The simulated day of the sale.</summary>
    public int SaleDay { get; init; } = Never;

    /// <summary>The first day without those who leave.</summary>
    public int InactivityDay { get; init; } = Never;

    /// <summary>The day on which the first newcomers arrive.</summary>
    public int ArrivalDay { get; init; } = Never;

    /// <summary>The day from which a newcomer exists; null for everybody else.</summary>
    internal int? ArrivalOf(ulong seed, int customer)
    {
        var random = new CounterRandom(seed, customer, 0, RandomStream.Story);
        return random.NextChance(NewcomerShare) ? ArrivalDay + random.NextBelow(ArrivalDays) : null;
    }

    /// <summary>True for a shopper who leaves, given its state on <see cref="InactivityDay"/>.</summary>
    internal static bool Leaves(ulong seed, int customer, in ShopperState then) =>
        then is { Habit: LeavingPersona, Lapsed: false } && new CounterRandom(seed, customer, 1, RandomStream.Story).NextChance(LeavingShare);
}
