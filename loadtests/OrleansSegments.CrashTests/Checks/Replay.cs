using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>Who is in which segment, by the transition log alone.</summary>
internal sealed class Replay
{
    private readonly Dictionary<string, string> _segments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _sizes = new(StringComparer.Ordinal);
    private long _sequence;

    /// <summary>By customer.</summary>
    public IReadOnlyDictionary<string, string> Segments => _segments;

    /// <summary>By segment, without the empty ones.</summary>
    public IReadOnlyDictionary<string, long> Sizes => _sizes;

    /// <summary>Applies a transition; says what is wrong with it, or null.</summary>
    public string? Apply(Change change)
    {
        string? from = _segments.GetValueOrDefault(change.CustomerId);
        string? problem = change.Sequence <= _sequence ? $"{change} stands after sequence {_sequence}."
            : change.From != from ? $"{change} leaves a segment that the customer was not in: it was in {from ?? "none"}."
            : change.From == change.To ? $"{change} leads nowhere."
            : null;
        _sequence = Math.Max(_sequence, change.Sequence);
        _segments[change.CustomerId] = change.To;
        Count(from, -1);
        Count(change.To, 1);
        return problem;
    }

    private void Count(string? segmentId, int by)
    {
        if (segmentId is null)
        {
            return;
        }

        long size = _sizes.GetValueOrDefault(segmentId) + by;
        if (size == 0)
        {
            _sizes.Remove(segmentId);
        }
        else
        {
            _sizes[segmentId] = size;
        }
    }
}
