namespace OrleansSegments.Simulator.Events;

/// <summary>Something a shopper will do on a day: 24 bytes that wait until their slice is read, when the events are written.</summary>
/// <param name="AtTicks">When it begins, UTC.</param>
/// <param name="Customer">The shopper's number.</param>
/// <param name="Day">The day of the visit; for a refund the day of the order.</param>
/// <param name="Visit">Which visit of that day.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct PlannedItem(long AtTicks, int Customer, int Day, byte Visit, PlannedItemKind Kind) : IComparable<PlannedItem>
{
    public int CompareTo(PlannedItem other)
    {
        int order = AtTicks.CompareTo(other.AtTicks);
        order = order != 0 ? order : Customer.CompareTo(other.Customer);
        order = order != 0 ? order : Kind.CompareTo(other.Kind);
        return order != 0 ? order : Visit.CompareTo(other.Visit);
    }
}
