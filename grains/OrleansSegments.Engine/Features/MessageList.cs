using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>The time frame of one update, in Unix minutes.</summary>
/// <param name="NowMinutes">Messages that expired before this minute are forgotten.</param>
/// <param name="UntilMinutes">The last minute in which the messages of this update are remembered.</param>
public readonly record struct MessageWindow(uint NowMinutes, uint UntilMinutes)
{
    /// <summary>Remembers messages for so many minutes, plus the rest of the last minute.</summary>
    public static MessageWindow Of(long nowMilliseconds, uint minutes)
    {
        var now = (uint)Math.Max(0, nowMilliseconds / 60_000);
        return new MessageWindow(now, now + minutes);
    }
}

/// <summary>A message id moved out of its customer's state, to be remembered in the store.</summary>
/// <param name="Key">64-bit hash of the message id. The probability that two of a customer's million messages within a window share a key
/// is 1 in 37 million.</param>
public readonly record struct SpilledMessage(ulong Key, uint UntilMinutes);

/// <summary>
/// The message ids that a state remembers, oldest first: at most <see cref="CountMax"/>, so that a busy customer's commits do not rewrite
/// hundreds of them each time. On overflow all but the newest <see cref="KeptOnSpill"/> are spilled to the store, and the state keeps only
/// the last minute in which spilled ids are still valid.
/// </summary>
internal readonly ref struct MessageList
{
    public const int CountMax = 32;
    public const int KeptOnSpill = 16;

    private const int BytesEach = sizeof(ulong) + sizeof(uint);

    /// <param name="bytes">The keys, the minutes, and any following bytes.</param>
    public MessageList(ReadOnlySpan<byte> bytes, int count, uint spilledUntil)
        : this(
            MemoryMarshal.Cast<byte, ulong>(bytes[..(count * sizeof(ulong))]),
            MemoryMarshal.Cast<byte, uint>(bytes[(count * sizeof(ulong))..(count * BytesEach)]),
            spilledUntil)
    {
    }

    private MessageList(ReadOnlySpan<ulong> keys, ReadOnlySpan<uint> untils, uint spilledUntil)
    {
        Keys = keys;
        Untils = untils;
        SpilledUntil = spilledUntil;
    }

    public ReadOnlySpan<ulong> Keys { get; }

    public ReadOnlySpan<uint> Untils { get; }

    /// <summary>The last minute in which a spilled message is remembered; 0 when none was ever spilled.</summary>
    public uint SpilledUntil { get; }

    public int Bytes => Keys.Length * BytesEach;

    public bool Knows(ulong key, uint nowMinutes) => Keys.IndexOf(key) is var at && at >= 0 && Untils[at] >= nowMinutes;

    /// <summary>Drops expired entries, appends the new ones, and spills the oldest on overflow.</summary>
    /// <param name="keys">Room for the <see cref="CountMax"/> keys of the returned list.</param>
    /// <param name="untils">Room for as many minutes.</param>
    public MessageList With(scoped ReadOnlySpan<ulong> fresh, MessageWindow window, Span<ulong> keys, Span<uint> untils, out SpilledMessage[] spilled) =>
        With(fresh, [], window, keys, untils, SpilledUntil, out spilled);

    /// <summary>The messages of two customers who turned out to be one; those of this list count as the older ones.</summary>
    /// <inheritdoc cref="With(ReadOnlySpan{ulong}, MessageWindow, Span{ulong}, Span{uint}, out SpilledMessage[])"/>
    public MessageList Unite(MessageList other, MessageWindow window, Span<ulong> keys, Span<uint> untils, out SpilledMessage[] spilled)
    {
        Span<ulong> fresh = stackalloc ulong[CountMax];
        Span<uint> freshUntils = stackalloc uint[CountMax];
        var count = 0;
        for (var i = 0; i < other.Keys.Length; i++)
        {
            if (other.Untils[i] >= window.NowMinutes && !Knows(other.Keys[i], window.NowMinutes))
            {
                (fresh[count], freshUntils[count]) = (other.Keys[i], other.Untils[i]);
                count++;
            }
        }

        return With(fresh[..count], freshUntils, window, keys, untils, Math.Max(SpilledUntil, other.SpilledUntil), out spilled);
    }

    /// <param name="freshUntils">Empty where all fresh ones are remembered as long as the window says.</param>
    private MessageList With(
        scoped ReadOnlySpan<ulong> fresh,
        scoped ReadOnlySpan<uint> freshUntils,
        MessageWindow window,
        Span<ulong> keys,
        Span<uint> untils,
        uint spilledUntil,
        out SpilledMessage[] spilled)
    {
        var old = 0;
        for (var i = 0; i < Keys.Length; i++)
        {
            if (Untils[i] >= window.NowMinutes)
            {
                (keys[old], untils[old]) = (Keys[i], Untils[i]);
                old++;
            }
        }

        var count = old + fresh.Length;
        spilled = count <= CountMax ? [] : new SpilledMessage[count - KeptOnSpill];
        for (var i = 0; i < count; i++)
        {
            var (key, until) = i < old ? (keys[i], untils[i]) : (fresh[i - old], freshUntils.IsEmpty ? window.UntilMinutes : freshUntils[i - old]);
            if (i < spilled.Length)
            {
                spilled[i] = new SpilledMessage(key, until);
                spilledUntil = Math.Max(spilledUntil, until);
            }
            else
            {
                (keys[i - spilled.Length], untils[i - spilled.Length]) = (key, until);
            }
        }

        count -= spilled.Length;
        return new MessageList(keys[..count], untils[..count], spilledUntil);
    }

    public void CopyTo(Span<byte> target)
    {
        MemoryMarshal.AsBytes(Keys).CopyTo(target);
        MemoryMarshal.AsBytes(Untils).CopyTo(target[(Keys.Length * sizeof(ulong))..]);
    }
}
