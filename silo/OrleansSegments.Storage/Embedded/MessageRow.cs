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
    private const uint DayMinutes = 24 * 60;

    /// <summary>Messages that are never forgotten stand behind all days.</summary>
    private const uint ForeverDay = MessageMark.Forever / DayMinutes;

    /// <summary>Adds a message to a batch and returns the day it is forgotten on; 0 for never.</summary>
    public static uint Put(WriteBatch batch, Database database, ReadOnlySpan<byte> id, MessageMark mark, Span<byte> buffer)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, mark.UntilMinutes);
        var day = mark.UntilMinutes / DayMinutes;
        batch.Put(Keys.Message(day, id, mark.Key, buffer), (ReadOnlySpan<byte>)value, database.Messages);
        return day == ForeverDay ? 0 : day;
    }

    /// <summary>Forgets the messages of all days before one.</summary>
    public static void DeleteBefore(WriteBatch batch, Database database, uint day)
    {
        byte[] end = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(end, day);
        batch.DeleteRange([], 0, end, sizeof(uint), database.Messages);
    }

    public static IReadOnlyList<ulong> Find(Database database, (string CustomerId, ulong[] Keys, uint NowMinutes) ask)
    {
        var found = new List<ulong>();
        var today = ask.NowMinutes / DayMinutes;
        Span<byte> id = stackalloc byte[Keys.BytesMax];
        Span<byte> buffer = stackalloc byte[Keys.BytesMax];
        var customer = Keys.Customer(ask.CustomerId, id);
        foreach (var key in ask.Keys)
        {
            foreach (var day in (ReadOnlySpan<uint>)[today, today + 1, ForeverDay])
            {
                if (database.Find(Keys.Message(day, customer, key, buffer), database.Messages, MinuteReader.Instance) >= ask.NowMinutes)
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
