using System.IO.Hashing;
using System.Text;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>The value of a source: the first expression with a usable number, after mapping; and its bits for distinct counts.</summary>
internal sealed class CompiledValue
{
    /// <summary>Larger magnitudes are treated as errors and skipped; this also keeps every sum finite.</summary>
    public const double ValueMax = 1e12;

    private readonly (int Slot, int Factor, bool PerItem)[] _expressions;
    private readonly byte[][] _names;
    private readonly double[] _numbers;
    private readonly bool _isOneOf;
    private readonly double _least;

    public CompiledValue(EventSource source, Func<FieldPath, int> slotOf)
    {
        _expressions = [.. source.Value.Select(x => (slotOf(x.Path), x.Factor is null ? -1 : slotOf(x.Factor), x.Path.IsPerItem))];
        _isOneOf = source.Mapping.OneOf.Count > 0;
        _names = [.. (_isOneOf ? source.Mapping.OneOf : source.Mapping.Table.Select(x => x.Key)).Select(Encoding.UTF8.GetBytes)];
        _numbers = [.. source.Mapping.Table.Select(x => x.Value)];
        _least = source.AllowsNegative ? -ValueMax : 0;
    }

    public bool TryGet(EventValues values, out double number)
    {
        foreach (var (slot, factor, perItem) in _expressions)
        {
            var found = false;
            number = 0;
            for (var i = values.Head(slot); i >= 0 && (perItem || !found); i = values.At(i).Next)
            {
                if (TryItem(values, in values.At(i), factor, out var item))
                {
                    found = true;
                    number += item;
                }
            }

            if (found && number >= _least && number <= ValueMax)
            {
                return true;
            }
        }

        number = 0;
        return false;
    }

    /// <summary>
    /// Linear counting: sets one of 128 bits per value of the first path that has any (Whang, Vander-Zanden, Taylor 1990).
    /// </summary>
    public (ulong Low, ulong High) Bits(EventValues values)
    {
        var (low, high) = (0UL, 0UL);
        foreach (var (slot, _, _) in _expressions)
        {
            for (var i = values.Head(slot); i >= 0; i = values.At(i).Next)
            {
                var bit = (int)(XxHash64.HashToUInt64(values.TextOf(values.At(i))) >> 57);
                low |= bit < 64 ? 1UL << bit : 0;
                high |= bit < 64 ? 0 : 1UL << (bit - 64);
            }

            if ((low | high) != 0)
            {
                break;
            }
        }

        return (low, high);
    }

    private bool TryItem(EventValues values, in PathValue value, int factorSlot, out double number)
    {
        var index = _names.Length == 0 ? -1 : CompiledCondition.IndexOf(values.TextOf(value), _names);
        if (_isOneOf)
        {
            number = index >= 0 ? 1 : 0;
            return true;
        }

        number = index >= 0 ? _numbers[index] : value.Number;
        if (index < 0 && !value.IsNumber)
        {
            return false;
        }

        if (factorSlot >= 0)
        {
            if (!TryFactor(values, factorSlot, value.Item, out var factor))
            {
                return false;
            }

            number *= factor;
        }

        return number >= _least && number <= ValueMax;
    }

    private bool TryFactor(EventValues values, int slot, int item, out double factor)
    {
        factor = 1;
        for (var i = values.Head(slot); i >= 0; i = values.At(i).Next)
        {
            ref readonly var value = ref values.At(i);
            if (value.Item == item)
            {
                factor = value.Number;
                return value.IsNumber && factor >= _least;
            }
        }

        return true;
    }
}
