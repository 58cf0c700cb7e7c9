using System.Runtime.Intrinsics;

namespace OrleansSegments.Engine.Time;

/// <summary>The moments at which a search looks, as offsets from the next full hour: 0, 1 h, 2 h, 4 h ... 2048 h and the horizon.</summary>
internal static class Looks
{
    public const int Count = 14;

    private const int Places = 16;

    private static readonly double[] Offsets = MakeOffsets();

    public static long Offset(int look) => (long)Offsets[look];

    /// <summary>Eight looks from one on; after the last follow places beyond the horizon, so that a guess has something to go by.</summary>
    public static Vector512<double> From(int look) => Vector512.Create<double>(Offsets.AsSpan(look));

    private static double[] MakeOffsets()
    {
        var offsets = new double[Places];
        for (var (look, offset) = (0, 0L); look < Places; look++)
        {
            offsets[look] = offset;
            offset = look < Count - 1 ? CrossingTime.After(offset) : offset * 2;
        }

        return offsets;
    }
}
