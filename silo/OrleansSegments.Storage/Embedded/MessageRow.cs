using System.Buffers.Binary;
using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// A message that a customer's state no longer remembers: <see cref="Keys.Message"/> of the day on which it is forgotten, to its last minute (4 bytes).
/// What was forgotten is never read and goes with its whole day.
/// </summary>
internal static class MessageRow
{
    /// <summary>Messages that are never forgotten stand behind all days.</summary>
    public const uint ForeverDay = MessageMark.Forever / DayMinutes;

    private const uint DayMinutes = 24 * 60;

    public static uint DayOf(MessageMark mark) => mark.UntilMinutes / DayMinutes;

    public static void Put(WriteBatch batch, Database database, ReadOnlySpan<byte> id, MessageMark mark, Span<byte> buffer)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, mark.UntilMinutes);
        batch.Put(Keys.Message(DayOf(mark), id, mark.Key, buffer), (ReadOnlySpan<byte>)value, database.Messages);
    }

    /// <summary>Forgets the messages of all days before one.</summary>
    public static void DeleteBefore(WriteBatch batch, Database database, uint day)
    {
        byte[] end = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(end, day);
        batch.DeleteRange([], 0, end, sizeof(uint), database.Messages);
    }

    /// <summary>The days that have messages, ascending.</summary>
    public static IEnumerable<uint> Days(Database database)
    {
        for (var day = 0U; day <= ForeverDay; day++)
        {
            using var rows = database.Scan(database.Messages, ReadSetup.Passing).From(Keys.Message(day, [], 0, new byte[Keys.BytesMax])[..sizeof(uint)]);
            if (!rows.MoveNext())
            {
                yield break;
            }

            yield return day = BinaryPrimitives.ReadUInt32BigEndian(rows.Key);
        }
    }

    /// <param name="ask">With the days that have messages: nearly every message that is looked up is a new one, and each day costs it a look.</param>
    public static IReadOnlyList<ulong> Find(Database database, (uint[] Days, string CustomerId, ulong[] Keys, uint NowMinutes) ask)
    {
        var found = new List<ulong>();
        var today = ask.NowMinutes / DayMinutes;
        Span<byte> id = stackalloc byte[Keys.BytesMax];
        Span<byte> buffer = stackalloc byte[Keys.BytesMax];
        var customer = Keys.Customer(ask.CustomerId, id);
        foreach (var key in ask.Keys)
        {
            foreach (var day in ask.Days)
            {
                if (day >= today && database.Find(Keys.Message(day, customer, key, buffer), database.Messages, MinuteReader.Instance) >= ask.NowMinutes)
                {
                    found.Add(key);
                    break;
                }
            }
        }

        return found;
    }

    private sealed class MinuteReader : ISpanDeserializer<uint?>
    {
        public static MinuteReader Instance { get; } = new();

        public uint? Deserialize(ReadOnlySpan<byte> buffer) => BinaryPrimitives.ReadUInt32LittleEndian(buffer);
    }
}
