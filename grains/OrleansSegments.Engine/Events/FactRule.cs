using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>What one accumulator takes from an event that matches its source.</summary>
internal sealed class FactRule
{
    private readonly Accumulator _accumulator;
    private readonly CompiledCondition[] _where;
    private readonly CompiledCondition? _match;
    private readonly CompiledValue _value;

    public FactRule(Accumulator accumulator, Func<FieldPath, int> slotOf)
    {
        _accumulator = accumulator;
        _where = [.. accumulator.Source.Where.Select(x => new CompiledCondition(x, slotOf))];
        _match = accumulator.Match?.Condition is { } condition ? new CompiledCondition(condition, slotOf) : null;
        _value = new CompiledValue(accumulator.Source, slotOf);
    }

    public bool NeedsLocalTime =>
        _accumulator.Emission is Emission.Cosine or Emission.Sine || (_accumulator.Emission == Emission.Matching && _match is null);

    public void Emit(EventValues values, LocalTime time, FactsWriter writer)
    {
        foreach (var condition in _where)
        {
            if (!condition.Holds(values))
            {
                return;
            }
        }

        var cell = _accumulator.Cell;
        switch (_accumulator.Emission)
        {
            case Emission.One:
                writer.AddOne(cell);
                break;
            case Emission.Value when _value.TryGet(values, out var number):
                writer.Add(cell, number);
                break;
            case Emission.ValuePresent when _value.TryGet(values, out _):
                writer.AddOne(cell);
                break;
            case Emission.Matching:
                AddCount(writer, cell, _match is null ? Inside(time) : _match.Count(values).Matching);
                break;
            case Emission.Matchable:
                AddCount(writer, cell, _match!.Count(values).All);
                break;
            case Emission.Cosine:
                writer.Add(cell, Math.Cos(time.DayAngle));
                break;
            case Emission.Sine:
                writer.Add(cell, Math.Sin(time.DayAngle));
                break;
            case Emission.Bits:
                var (low, high) = _value.Bits(values);
                writer.AddBits(cell, low);
                writer.AddBits(cell + 1, high);
                break;
        }
    }

    private int Inside(LocalTime time) => _accumulator.Match!.ContainsTime(time.Hour, time.Weekday) ? 1 : 0;

    private static void AddCount(FactsWriter writer, int cell, int count)
    {
        if (count == 1)
        {
            writer.AddOne(cell);
        }
        else if (count > 1)
        {
            writer.Add(cell, count);
        }
    }
}
