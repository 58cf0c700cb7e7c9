using System.Collections.Concurrent;

namespace OrleansSegments.Storage.Deadlines;

/// <summary>
/// Customers whose index entry is earlier than their deadline. The usual change moves a deadline later, and the index is left where it was:
/// moving it each time halves the speed of merges. A reader that comes upon such an entry leaves the id here for the next merge to mend.
/// </summary>
internal sealed class PassedDeadlines
{
    private const int IdsMax = 200_000;

    private readonly ConcurrentQueue<string> _ids = new();

    public bool IsEmpty => _ids.IsEmpty;

    public void Add(string customerId)
    {
        // Beyond the limit it is left out and will be come upon again.
        if (_ids.Count < IdsMax)
        {
            _ids.Enqueue(customerId);
        }
    }

    public string[] TakeAll()
    {
        var ids = new List<string>();
        for (var left = _ids.Count; left > 0 && _ids.TryDequeue(out var id); left--)
        {
            ids.Add(id);
        }

        return [.. ids.Distinct()];
    }
}
