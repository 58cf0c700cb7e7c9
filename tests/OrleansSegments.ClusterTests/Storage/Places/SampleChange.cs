using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>Changes whose every field follows from the customer and the version, so that a record can be told from all others.</summary>
internal static class SampleChange
{
    public const long Now = 1_750_000_000_000;

    /// <summary>When the messages of all changes are received.</summary>
    public const uint NowMinutes = (uint)(Now / 60_000);

    public static CustomerChange Of(string id, long version, int? from, int to, long? due = null, int size = 40) => new(
        id,
        from,
        new CustomerRecord(version, to, 3 + (int)(version % 5), Now + version, to + 1, (int)version, State(id, version, size)),
        due,
        (TransitionCause)(1 + (version % 6)),
        Now + version)
    {
        Messages = version % 3 == 2 ? [Mark(version, to, NowMinutes + MessageMark.LifetimeMinutesMax), Mark(version, to + 100, MessageMark.Forever)] : [],
    };

    /// <summary>The first write of each of so many customers, all in one segment.</summary>
    public static IEnumerable<CustomerChange> First(int count, int segment = 1, string prefix = "c:", long? due = null, int size = 40) =>
        Enumerable.Range(0, count).Select(number => Of($"{prefix}{number:d6}", 1, null, segment, due, size));

    private static MessageMark Mark(long version, int number, uint untilMinutes) => new(((ulong)version << 32) | (uint)number, untilMinutes);

    private static byte[] State(string id, long version, int size)
    {
        var seed = (int)version;
        foreach (var character in id)
        {
            seed = (seed * 31) + character;
        }

        var state = new byte[size];
        new Random(seed).NextBytes(state);
        return state;
    }
}
