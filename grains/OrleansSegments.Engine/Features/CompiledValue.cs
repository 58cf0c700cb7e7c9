using System.IO.Hashing;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>The value of a source: the first expression with a usable number, after mapping; and its bits for distinct counts.</summary>
internal sealed class CompiledValue
{
    /// <summary>Larger magnitudes are treated as errors and skipped; this also keeps every sum finite.</summary>
    public const double ValueMax = 1e12;

    private readonly Expression[] _expressions;
    private readonly byte[][] _names;
    private readonly double[] _numbers;
    private readonly bool _isOneOf;
    private readonly double _least;
    private readonly Reading _reading;
    private readonly ReadingRules _rules;

    public CompiledValue(EventSource source, ReadingRules rules, Func<FieldPath, int> slotOf)
    {
        _rules = rules;
        _reading = source.Mapping.Reading;
        _expressions = [.. source.Value.SelectMany(rules.Aliases.Variants).Select(x => new Expression(
            slotOf(x.Path), x.Factor is null ? -1 : slotOf(x.Factor), x.Path.IsPerItem, rules.MoneyPaths.Contains(x.ToString()), x.Path.ToString(), x.Factor?.ToString() ?? ""))];
        _isOneOf = source.Mapping.OneOf.Count > 0;
        _names = [.. (_isOneOf ? source.Mapping.OneOf : source.Mapping.Table.Select(x => x.Key)).Select(Encoding.UTF8.GetBytes)];
        _numbers = [.. source.Mapping.Table.Select(x => x.Value)];
        _least = source.AllowsNegative || _reading == Reading.Sentiment ? -ValueMax : 0;
    }

    public bool IsMoney => Array.Exists(_expressions, x => x.IsMoney);

    public bool TryGet(EventValues values, out double number)
    {
        foreach (ref readonly var expression in _expressions.AsSpan())
        {
            var found = false;
            number = 0;
            for (var i = values.Head(expression.Slot); i >= 0 && (expression.IsPerItem || !found); i = values.At(i).Next)
            {
                if (TryItem(values, i, in expression, out var item))
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

    /// <summary>True when no expression has a value and one was set to null.</summary>
    public bool IsWithdrawn(EventValues values)
    {
        foreach (ref readonly var expression in _expressions.AsSpan())
        {
            if (values.IsWithdrawn(expression.Slot))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Linear counting: sets one of 128 bits per value of the first path that has any (Whang, Vander-Zanden, Taylor 1990).
    /// </summary>
    public (ulong Low, ulong High) Bits(EventValues values)
    {
        var (low, high) = (0UL, 0UL);
        foreach (ref readonly var expression in _expressions.AsSpan())
        {
            for (var i = values.Head(expression.Slot); i >= 0; i = values.At(i).Next)
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

    private bool TryItem(EventValues values, int index, in Expression expression, out double number)
    {
        ref readonly var value = ref values.At(index);
        var name = _names.Length == 0 ? -1 : CompiledCondition.IndexOf(values.TextOf(value), _names);
        if (_isOneOf)
        {
            number = name >= 0 ? 1 : 0;
            return true;
        }

        if (name >= 0)
        {
            number = _numbers[name];
        }
        else if (_reading >= Reading.Sentiment)
        {
            return _rules.Text.TryRead(_reading, values.TextOf(value), out number);
        }
        else if (!TryNumber(values, index, in expression, out number))
        {
            return false;
        }

        if (expression.FactorSlot >= 0)
        {
            if (!TryFactor(values, in expression, value.Item, out var factor))
            {
                return false;
            }

            number *= factor;
        }

        if (number >= _least && number <= ValueMax)
        {
            return true;
        }

        values.Ignore(index, number < 0 && _least >= 0 ? IgnoredReason.Negative : IgnoredReason.OutOfRange, expression.Name);
        return false;
    }

    private bool TryNumber(EventValues values, int index, in Expression expression, out double number)
    {
        if (!values.TryNumber(index, out number, out var currency))
        {
            if (_reading == Reading.Age && BirthDate.TryAge(values.TextOf(values.At(index)), values.OccurredAt, out number))
            {
                return true;
            }

            values.Ignore(index, values.At(index).WhyNoNumber, expression.Name);
            return false;
        }

        if (!expression.IsMoney)
        {
            // A currency beside a number of pieces or years: not what it seems to be.
            if (currency != CurrencyCode.None)
            {
                values.Ignore(index, IgnoredReason.NotANumber, expression.Name);
            }

            return currency == CurrencyCode.None;
        }

        number *= _rules.RateOf(values, currency);
        if (double.IsNaN(number))
        {
            values.Ignore(index, IgnoredReason.UnknownCurrency, expression.Name);
        }

        return !double.IsNaN(number);
    }

    private bool TryFactor(EventValues values, in Expression expression, int item, out double factor)
    {
        factor = 1;
        for (var i = values.Head(expression.FactorSlot); i >= 0; i = values.At(i).Next)
        {
            if (values.At(i).Item == item)
            {
                if (values.TryNumber(i, out factor, out var currency) && currency == CurrencyCode.None && factor >= _least)
                {
                    return true;
                }

                values.Ignore(i, factor < _least ? IgnoredReason.Negative : values.At(i).WhyNoNumber, expression.FactorName);
                return false;
            }
        }

        return true;
    }

    private readonly record struct Expression(int Slot, int FactorSlot, bool IsPerItem, bool IsMoney, string Name, string FactorName);
}
