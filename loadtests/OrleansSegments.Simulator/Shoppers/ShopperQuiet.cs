namespace OrleansSegments.Simulator.Shoppers;

/// <summary>The little that is kept per shopper: enough to pass over a day without a visit.</summary>
/// <param name="QuietShare">Chance that no visit is drawn on a day.</param>
/// <param name="FromDay">First day for which this holds.</param>
/// <param name="UntilDay">First day for which it does not; 0 in a fresh array, so that every shopper is looked up once.</param>
/// <param name="IdentifiesOn">The day on which new traits are told, or -1.</param>
/// <param name="RefundLagDays">Days from an order to its refund, or 0 where there are none.</param>
internal readonly record struct ShopperQuiet(double QuietShare, int FromDay, int UntilDay, int IdentifiesOn, int RefundLagDays);
