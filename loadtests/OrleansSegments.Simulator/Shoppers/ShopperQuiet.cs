namespace OrleansSegments.Simulator.Shoppers;

/// <summary>The little that is kept per shopper: enough to pass over a day without a visit.</summary>
/// <param name="FromDay">First day for which this holds: of the state or of the week, whichever begins later.</param>
/// <param name="UntilDay">First day for which it does not; 0 in a fresh array, so that every shopper is looked up once.</param>
/// <param name="StateFromDay">First day of the state.</param>
/// <param name="IdentifiesOn">The day on which new traits are told, or -1.</param>
/// <param name="VisitDays">A bit for each day of the week with a visit.</param>
/// <param name="OrderDays">A bit for each day with an order: the week before in the low seven bits, this week above.</param>
/// <param name="RefundLagDays">Days from an order to its refund, or 0 where there are none.</param>
internal readonly record struct ShopperQuiet(
    int FromDay, int UntilDay, int StateFromDay, int IdentifiesOn, byte VisitDays, ushort OrderDays, byte RefundLagDays)
{
    public bool HasVisitOn(int day) => ((VisitDays >> (day % WeekHabit.Days)) & 1) != 0;

    /// <summary>Whether an order of <paramref name="day"/> less the lag may come back on <paramref name="day"/>.</summary>
    public bool MayRefundOn(int day) =>
        RefundLagDays > 0 && day - RefundLagDays >= StateFromDay && ((OrderDays >> (WeekHabit.Days + (day % WeekHabit.Days) - RefundLagDays)) & 1) != 0;
}
