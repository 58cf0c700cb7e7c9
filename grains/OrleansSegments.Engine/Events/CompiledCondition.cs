using System.Text;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>A condition with its paths resolved to slots and its texts to UTF-8.</summary>
internal sealed class CompiledCondition(EventCondition condition, Func<FieldPath, int> slotOf)
{
    private readonly int[] _slots = [.. condition.Paths.Select(slotOf)];
    private readonly byte[][] _anyOf = [.. condition.AnyOf.Select(Encoding.UTF8.GetBytes)];

    public bool Holds(EventValues values)
    {
        var (matching, all) = Count(values);
        return _anyOf.Length > 0 ? matching > 0 : all > 0 == condition.Exists;
    }

    /// <summary>How many values of the first path that has any match, and how many there are.</summary>
    public (int Matching, int All) Count(EventValues values)
    {
        foreach (var slot in _slots)
        {
            var (matching, all) = (0, 0);
            for (var i = values.Head(slot); i >= 0; i = values.At(i).Next)
            {
                all++;
                matching += IsAnyOf(values.TextOf(values.At(i)), _anyOf) ? 1 : 0;
            }

            if (all > 0)
            {
                return (matching, all);
            }
        }

        return (0, 0);
    }

    public static bool IsAnyOf(ReadOnlySpan<byte> text, byte[][] candidates) => IndexOf(text, candidates) >= 0;

    public static int IndexOf(ReadOnlySpan<byte> text, byte[][] candidates)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            // The ASCII comparison is false for any other letter, hence the exact one beside it.
            if (text.Length == candidates[i].Length && (text.SequenceEqual(candidates[i]) || Ascii.EqualsIgnoreCase(text, candidates[i])))
            {
                return i;
            }
        }

        return -1;
    }
}
