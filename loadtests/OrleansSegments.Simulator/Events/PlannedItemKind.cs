namespace OrleansSegments.Simulator.Events;

internal enum PlannedItemKind : byte
{
    Identify = 0,
    Visit = 1,
    VisitWithOrder = 2,
    Refund = 3,
}
