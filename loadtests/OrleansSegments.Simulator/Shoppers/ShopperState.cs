namespace OrleansSegments.Simulator.Shoppers;

/// <summary>What holds for a shopper from one day to another.</summary>
/// <param name="Habit">The persona that gave the shopper its traits; <see cref="Persona.Dormant"/> if it was silent from the start.</param>
/// <param name="Lapsed">Whether the shopper has fallen silent.</param>
/// <param name="Epoch">How often the shopper has become somebody else; traits and place are drawn anew in each.</param>
/// <param name="FromDay">The first day of this state.</param>
/// <param name="UntilDay">The first day of the next one.</param>
/// <param name="BeginsEpoch">Whether the state starts with new traits, which the shopper tells by an identify event.</param>
internal readonly record struct ShopperState(Persona Habit, bool Lapsed, int Epoch, int FromDay, int UntilDay, bool BeginsEpoch)
{
    /// <summary>
    /// A lapse is the truth only after so many days of silence: before, nobody could tell it from a quiet fortnight.
    /// </summary>
    public const int SilentDaysUntilDormant = 21;

    public PersonaBehaviour Behaviour => PersonaCatalogue.Of(Lapsed ? Persona.Dormant : Habit);

    public Persona TruthAt(int day) => Lapsed && day - FromDay >= SilentDaysUntilDormant ? Persona.Dormant : Habit;
}
