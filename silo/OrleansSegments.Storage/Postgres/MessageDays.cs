using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The partitions of the message ids, one per day in rotation. Of the four, one is today; one is tomorrow, when messages of today expire;
/// one is the day after, for a silo whose clock is ahead at midnight; the fourth is past, and one silo empties it with the first message of
/// a new day.
/// </summary>
internal sealed class MessageDays(PostgresContext context)
{
    /// <summary>Number of partitions for messages that expire.</summary>
    public const int Slots = 4;

    private const int DayMinutes = 24 * 60;

    /// <summary>
    /// Do not wait for a holder of the partition, such as pg_dump: queries for messages would queue behind this lock request.
    /// </summary>
    private const string LimitWait = "SET LOCAL lock_timeout = '50ms'";

    private const string Claim = "UPDATE store_settings SET messages_day = $1 WHERE messages_day < $1 RETURNING 1";

    private static readonly TimeSpan RetryWait = TimeSpan.FromMinutes(1);

    private int _newest;
    private int _emptied;
    private long? _failedAt;

    public static short SlotOf(MessageMark mark) => (short)(mark.UntilMinutes == MessageMark.Forever ? Slots : DayOf(mark) % Slots);

    /// <summary>The last minute as stored in the table.</summary>
    public static int MinuteOf(MessageMark mark) => (int)Math.Min(mark.UntilMinutes, int.MaxValue);

    /// <summary>Records the days of a change's messages.</summary>
    public void Note(MessageMark[] marks)
    {
        foreach (var mark in marks)
        {
            if (mark.UntilMinutes != MessageMark.Forever && DayOf(mark) > Volatile.Read(ref _newest))
            {
                Volatile.Write(ref _newest, DayOf(mark));
            }
        }
    }

    /// <summary>Empties the partition of the past day once a new one has begun, unless another silo already did.</summary>
    public async Task EmptyIfDueAsync()
    {
        var newest = Volatile.Read(ref _newest);
        if (newest == _emptied || (_failedAt is { } failedAt && context.Time.GetElapsedTime(failedAt) < RetryWait))
        {
            return;
        }

        try
        {
            await context.Database.RunAsync(connection => EmptyAsync(connection, newest));
            (_emptied, _failedAt) = (newest, null);
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            _failedAt = context.Time.GetTimestamp();
            context.Logger.LogInformation("The partition of a past day's messages is in use; emptying it later");
        }
    }

    private static async Task<bool> EmptyAsync(NpgsqlConnection connection, int newest)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.RunAsync(LimitWait, []);
        var isClaimed = await connection.AskAsync(Claim, [newest]) is not null;
        if (isClaimed)
        {
            await connection.RunAsync($"TRUNCATE messages_{(newest + 2) % Slots}", []);
        }

        await transaction.CommitAsync();
        return isClaimed;
    }

    private static int DayOf(MessageMark mark) => (int)(mark.UntilMinutes / DayMinutes);
}
