using System.Text;
using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>Why a part of an event has no effect.</summary>
public enum IgnoredReason
{
    NotANumber,
    Boolean,
    OutOfRange,
    Negative,
    UnknownCurrency,
    TooManyValues,
    TraitNameTooLong,
    TraitTooLarge,
    TooManyTraits,
    PlanViolation,
}

/// <summary>What was left out of events for one reason at one field.</summary>
/// <param name="Field">A path of the catalogue, or a trait with its name.</param>
/// <param name="LastExample">The beginning of the last text that was left out.</param>
public sealed record IgnoredField(IgnoredReason Reason, string Field, long Count, string LastExample);

/// <summary>Counts what reading leaves out, by reason and field. Not thread-safe; allocates only for a field that it has not seen.</summary>
public sealed class IgnoredInput
{
    /// <summary>Fields beyond it are counted together, under <see cref="OtherFields"/>.</summary>
    public const int FieldsMax = 256;
    public const int ExampleBytesMax = 60;
    public const string OtherFields = "(other fields)";

    private readonly Dictionary<(IgnoredReason Reason, string Field), Tally> _tallies = [];

    public bool IsEmpty { get; private set; } = true;

    public void Add(IgnoredReason reason, string field, ReadOnlySpan<byte> example, int count = 1)
    {
        IsEmpty = false;
        if (!_tallies.TryGetValue((reason, field), out var tally))
        {
            field = _tallies.Count < FieldsMax ? field : OtherFields;
            if (!_tallies.TryGetValue((reason, field), out tally))
            {
                _tallies[(reason, field)] = tally = new Tally();
            }
        }

        tally.Count += count;
        tally.ExampleLength = Math.Min(example.Length, ExampleBytesMax);
        example[..tally.ExampleLength].CopyTo(tally.Example);
    }

    /// <summary>Returns the counts since the last call and starts again from zero.</summary>
    public IReadOnlyList<IgnoredField> Drain()
    {
        if (IsEmpty)
        {
            return [];
        }

        var drained = new List<IgnoredField>();
        foreach (var ((reason, field), tally) in _tallies.Where(x => x.Value.Count > 0))
        {
            drained.Add(new IgnoredField(reason, field, tally.Count, Encoding.UTF8.GetString(tally.Example, 0, tally.ExampleLength)));
            tally.Count = 0;
        }

        // Fields may be named by senders; what they filled the table with must not stay.
        if (_tallies.Count >= FieldsMax)
        {
            _tallies.Clear();
        }

        IsEmpty = true;
        return drained;
    }

    private sealed class Tally
    {
        public readonly byte[] Example = new byte[ExampleBytesMax];
        public int ExampleLength;
        public long Count;
    }
}

/// <summary>Names of reasons as answers and metrics show them, such as not_a_number.</summary>
public static class IgnoredReasonNames
{
    private static readonly string[] Names = [.. Enum.GetNames<IgnoredReason>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static string NameOf(this IgnoredReason reason) => Names[(int)reason];
}
