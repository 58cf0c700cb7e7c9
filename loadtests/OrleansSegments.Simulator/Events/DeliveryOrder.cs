namespace OrleansSegments.Simulator.Events;

/// <summary>By time of delivery; ties by message id, so that the order does not depend on how the events were come by.</summary>
internal sealed class DeliveryOrder : IComparer<(long Delivered, Guid Message, int Index)>
{
    public static DeliveryOrder Instance { get; } = new();

    public int Compare((long Delivered, Guid Message, int Index) x, (long Delivered, Guid Message, int Index) y)
    {
        int order = x.Delivered.CompareTo(y.Delivered);
        return order != 0 ? order : x.Message.CompareTo(y.Message);
    }
}
