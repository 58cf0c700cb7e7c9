using System.Buffers.Binary;
using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// A spilled message id: maps <see cref="Keys.Message"/> of the day on which it expires to its last minute (4 bytes). Expired ones are
/// never read and are deleted by whole days.
/// </summary>
internal static class MessageRow
{
    /// <summary>Messages that never expire sort behind all days.</summary>
    public const uint ForeverDay = MessageMark.Forever / DayMinutes;

    private const uint DayMinutes = 24 * 60;

    public static uint DayOf(MessageMark mark) => mark.UntilMinutes / DayMinutes;

    public static void Put(WriteBatch batch, Database database, ReadOnlySpan<byte> id, MessageMark mark, Span<byte> buffer)
    {
        Span<byte> value = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, mark.UntilMinutes);
        batch.Put(Keys.Message(DayOf(mark), id, mark.Key, buffer), (ReadOnlySpan<byte>)value, database.Messages);
    }

    /// <summary>Deletes the messages of all days before one.</summary>
    public static void DeleteBefore(WriteBatch batch, Database database, uint day)
    {
        byte[] end = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(end, day);
        batch.DeleteRange([], 0, end, sizeof(uint), database.Messages);
    }

    /// <summary>The days with messages, ascending.</summary>
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

    /// <param name="ask">Includes the days with messages: nearly every message looked up is new, and each day costs it one look-up.</param>
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
