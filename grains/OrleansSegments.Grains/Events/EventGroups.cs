using System.Runtime.InteropServices;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// The events of a batch by customer: groups are numbered as their customers first appear, and each is a chain through one array of as many
/// numbers as there are events, so that a customer with one event, the usual one, costs no list of its own.
/// </summary>
internal sealed class EventGroups
{
    private const int End = -1;

    private readonly Dictionary<string, int> _groupByCustomerId = new(StringComparer.Ordinal);
    private readonly List<(int First, int Last)> _groups = [];
    private int[] _next = [];

    public int Count => _groups.Count;

    /// <summary>Makes room for a batch of so many events; there must be none.</summary>
    public void Reserve(int events)
    {
        _groupByCustomerId.EnsureCapacity(events);
        if (_next.Length < events)
        {
            _next = new int[events];
        }
    }

    public void Clear()
    {
        _groupByCustomerId.Clear();
        _groups.Clear();
    }

    /// <summary>Adds an event, by its place in the batch, behind the others of its customer.</summary>
    public void Add(string customerId, int index)
    {
        _next[index] = End;
        ref int group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groupByCustomerId, customerId, out bool isKnown);
        if (!isKnown)
        {
            group = _groups.Count;
            _groups.Add((index, index));
            return;
        }

        ref (int First, int Last) chain = ref CollectionsMarshal.AsSpan(_groups)[group];
        _next[chain.Last] = index;
        chain.Last = index;
    }

    /// <summary>The place of a group's first event.</summary>
    public int First(int group) => _groups[group].First;

    /// <summary>The place of the next event of the same customer; negative when there is none.</summary>
    public int Next(int index) => _next[index];
}
