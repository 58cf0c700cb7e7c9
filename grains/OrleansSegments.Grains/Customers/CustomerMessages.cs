using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// How long message ids are remembered for de-duplication: one day from receipt on the silo's clock, or forever during an import, which may
/// be repeated at any time.
/// </summary>
public sealed record MessageMemory(bool IsForever)
{
    public MessageWindow Window(TimeProvider clock)
    {
        MessageWindow day = MessageWindow.Of(clock.GetUtcNow().ToUnixTimeMilliseconds(), MessageMark.LifetimeMinutesMax);
        return IsForever ? day with { UntilMinutes = MessageMark.Forever } : day;
    }
}

/// <summary>Records facts of a busy customer whose older message ids are only in the store.</summary>
internal static class MessageLookUps
{
    /// <summary>Adds the message ids that the change spills from the state to the store.</summary>
    public static CustomerChange Spilling(this CustomerChange change, SpilledMessage[] messages) => messages.Length == 0
        ? change
        : change with { Messages = Array.ConvertAll(messages, static message => new MessageMark(message.Key, message.UntilMinutes)) };

    /// <param name="aliases">Other ids under which the customer's messages may stand.</param>
    /// <param name="uncertain">The keys to ask for.</param>
    /// <param name="begunAt">What the grain returned at the beginning of the look-up.</param>
    public static ValueTask<RecordReceipt> RecordAfterLookUp(
        this CustomerGrain grain, string[] aliases, RecordRequest request, MessageWindow window, ulong[] uncertain, long begunAt)
    {
        ValueTask<IReadOnlyList<ulong>?> look = FindAsync(grain.Services.Store, grain.CustomerId, aliases, uncertain, window.NowMinutes);

        // The embedded store has already answered: no await between the caller and the commit.
        return look.IsCompletedSuccessfully ? grain.Record(request, window, look.Result, begunAt) : AwaitAsync();

        async ValueTask<RecordReceipt> AwaitAsync() => await grain.Record(request, window, await look.ConfigureAwait(false), begunAt).ConfigureAwait(false);
    }

    /// <summary>Null while the store is away.</summary>
    private static async ValueTask<IReadOnlyList<ulong>?> FindAsync(ICustomerStore store, string customerId, string[] aliases, ulong[] uncertain, uint nowMinutes)
    {
        try
        {
            IReadOnlyList<ulong> found = await store.FindMessagesAsync(customerId, uncertain, nowMinutes, CancellationToken.None).ConfigureAwait(false);
            foreach (string alias in aliases)
            {
                found = [.. found, .. await store.FindMessagesAsync(alias, uncertain, nowMinutes, CancellationToken.None).ConfigureAwait(false)];
            }

            return found;
        }
        catch (Exception problem) when (problem is StoreException or ObjectDisposedException)
        {
            return null;
        }
    }
}

/// <summary>
/// The message ids that a live customer has spilled. While they are all of them, and not too many, no look-up in the store is needed.
/// Otherwise those are kept that a look-up may miss: their commit is pending, or became durable after a running look-up had begun. Guarded
/// by the grain's lock.
/// </summary>
/// <param name="knowsAll">True when the customer had spilled none before.</param>
internal sealed class SpilledMessages(bool knowsAll)
{
    /// <summary>At 12 bytes each: a customer with more events than these in a day costs a look-up for each further one.</summary>
    private const int KnownMax = 256;

    private readonly List<(long Version, MessageMark[] Marks)> _spills = [];

    /// <summary>The keys of all spills: thousands while many batches of a busy customer are pending. Null while these are all that the customer has spilled.</summary>
    private HashSet<ulong>? _keys = knowsAll ? null : [];
    private List<long>? _lookUps;
    private int _count;

    /// <summary>True while every id that the customer has spilled is here.</summary>
    public bool KnowsAll => _keys is null;

    /// <summary>Adds the message ids that the change to a version spills.</summary>
    public void Add(long version, MessageMark[] marks)
    {
        _spills.Add((version, marks));
        _count += marks.Length;
        if (_keys is not null)
        {
            _keys.UnionWith(marks.Select(static mark => mark.Key));
        }
        else if (_count > KnownMax)
        {
            _keys = [.. _spills.SelectMany(static spill => spill.Marks).Select(static mark => mark.Key)];
        }
    }

    public bool Has(ulong key, uint nowMinutes)
    {
        if (_keys is not null)
        {
            return _keys.Contains(key);
        }

        foreach ((_, MessageMark[] marks) in _spills)
        {
            foreach (MessageMark mark in marks)
            {
                if (mark.Key == key && mark.UntilMinutes >= nowMinutes)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Registers a look-up: message ids spilled by later changes are kept until it ends.</summary>
    /// <param name="durableVersion">The look-up finds what changes up to this version have spilled.</param>
    public void BeginLookUp(long durableVersion) => (_lookUps ??= []).Add(durableVersion);

    /// <param name="durableVersion">The value given to <see cref="BeginLookUp"/>.</param>
    public void EndLookUp(long durableVersion) => _lookUps!.Remove(durableVersion);

    /// <summary>Removes the message ids that every look-up, including running ones, finds in the store; none while they are all of them.</summary>
    public void Release(long durableVersion)
    {
        if (_keys is null)
        {
            return;
        }

        long found = _lookUps is { Count: > 0 } running ? Math.Min(durableVersion, running.Min()) : durableVersion;
        int released = _spills.FindIndex(spill => spill.Version > found) is var first && first < 0 ? _spills.Count : first;
        foreach ((_, MessageMark[] marks) in _spills.Take(released))
        {
            _keys.ExceptWith(marks.Select(static mark => mark.Key));
        }

        _spills.RemoveRange(0, released);
    }
}
