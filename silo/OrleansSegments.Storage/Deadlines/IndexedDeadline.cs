using System.Numerics;

namespace OrleansSegments.Storage.Deadlines;

/// <summary>
/// What stands in the index of deadlines for one that is far off: a moment at most an eighth of the distance earlier, which it shares with
/// many. A merge then touches a few places of the index in the order of ids and not one for each customer. Whoever comes upon the
/// entry when that moment has passed lets the next merge put the deadline itself there.
/// </summary>
internal static class IndexedDeadline
{
    private const int DistanceBitsKept = 3;

    public static long? Of(long? dueAtMilliseconds, long nowMilliseconds)
    {
        if (dueAtMilliseconds is not { } due || due - nowMilliseconds < 1 << DistanceBitsKept)
        {
            return dueAtMilliseconds;
        }

        var step = 1L << (BitOperations.Log2((ulong)(due - nowMilliseconds)) - DistanceBitsKept);
        return due & -step;
    }
}
