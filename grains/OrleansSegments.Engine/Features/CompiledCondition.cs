using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>A condition with its paths resolved to slots and its texts encoded as UTF-8.</summary>
internal sealed class CompiledCondition(EventCondition condition, CatalogueAliases aliases, Func<FieldPath, int> slotOf)
{
    private readonly int[] _slots = [.. condition.Paths.SelectMany(aliases.Variants).Select(slotOf)];
    private readonly byte[][] _anyOf = [.. condition.AnyOf.Select(Encoding.UTF8.GetBytes)];

    public bool Holds(EventValues values)
    {
        var (matching, all) = Count(values);
        return _anyOf.Length == 0 ? all > 0 == condition.Exists : matching > 0 != condition.IsNegated;
    }

    /// <summary>For the first path with values: how many match, and how many there are.</summary>
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
            // EqualsIgnoreCase returns false for non-ASCII bytes, hence the exact comparison as well.
            if (text.Length == candidates[i].Length && (text.SequenceEqual(candidates[i]) || Ascii.EqualsIgnoreCase(text, candidates[i])))
            {
                return i;
            }
        }

        return -1;
    }
}
