namespace OrleansSegments.Simulator;

/// <summary>
/// The events of the customers whose number modulo <c>partitions</c> is <c>partition</c>. Read a partition from one thread; the partitions
/// of a simulation are independent, and together give the same events for any number of partitions.
/// </summary>
public sealed class SimulationPartition
{
    private readonly SimulationOptions _options;
    private readonly int _partition;
    private readonly int _partitions;
    private readonly DayPlanner _planner;
    private readonly EventSink _sink;
    private readonly VisitWriter _writer;
    private readonly List<PlannedItem> _plan = [];
    private readonly List<SimulatedEvent> _pending = [];
    private readonly int _slicesPerDay;
    private int _planned;
    private long _nextSlice;

    public SimulationPartition(SimulationOptions options, int partition = 0, int partitions = 1)
        : this(options, partition, partitions, 0)
    {
    }

    private SimulationPartition(SimulationOptions options, int partition, int partitions, int firstDay)
    {
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(partitions);
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, partitions);
        _options = options;
        _partition = partition;
        _partitions = partitions;
        _planner = new DayPlanner(options, partition, partitions);
        _sink = new EventSink(options, partitions);
        _writer = new VisitWriter(options, _planner, _sink);
        _slicesPerDay = (int)(TimeSpan.TicksPerDay / options.SliceLength.Ticks);
        _nextSlice = (long)firstDay * _slicesPerDay;
    }

    /// <summary>The next slice, or null at the end. The last day is followed by one more day with late deliveries only.</summary>
    public SimulationSlice? NextSlice()
    {
        int day = (int)(_nextSlice / _slicesPerDay);
        if (day > _options.Days)
        {
            return null;
        }

        if (_nextSlice % _slicesPerDay == 0)
        {
            PlanDay(day);
        }

        long from = _options.Start.UtcTicks + (_nextSlice * _options.SliceLength.Ticks);
        long until = from + _options.SliceLength.Ticks;
        _nextSlice++;
        while (_planned < _plan.Count && _plan[_planned].AtTicks < until)
        {
            _writer.Write(_plan[_planned++]);
        }

        return new SimulationSlice(new(from, TimeSpan.Zero), new(until, TimeSpan.Zero), TakeDelivered(until));
    }

    /// <summary>All events delivered on a day, from 0 to <see cref="SimulationOptions.Days"/>, without reading all earlier days.</summary>
    public IEnumerable<SimulatedEvent> Day(int dayIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(dayIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dayIndex, _options.Days);
        SimulationPartition alone = From(dayIndex);
        DateTimeOffset end = _options.Start.AddDays(dayIndex + 1);
        while (alone.NextSlice() is { } slice && slice.From < end)
        {
            for (int i = 0; i < slice.Events.Length; i++)
            {
                yield return slice.Events.Span[i];
            }
        }
    }

    /// <summary>The same partition, positioned at the first slice of a day.</summary>
    internal SimulationPartition From(int day)
    {
        // Every delivery is within a day of the event, so starting one day earlier finds all late ones.
        var later = new SimulationPartition(_options, _partition, _partitions, Math.Max(0, day - 1));
        while (later._nextSlice < (long)day * _slicesPerDay)
        {
            later.NextSlice();
        }

        return later;
    }

    /// <summary>All events of the simulation in order of delivery, from the current position of <see cref="NextSlice"/>.</summary>
    public IEnumerable<SimulatedEvent> Events()
    {
        while (NextSlice() is { } slice)
        {
            for (int i = 0; i < slice.Events.Length; i++)
            {
                yield return slice.Events.Span[i];
            }
        }
    }

    private void PlanDay(int day)
    {
        _plan.Clear();
        _planned = 0;
        if (day < _options.Days)
        {
            _planner.Plan(day, _plan);
        }
    }

    private SimulatedEvent[] TakeDelivered(long untilTicks)
    {
        List<SimulatedEvent> written = _sink.Events;
        written.AddRange(_pending);
        _pending.Clear();
        var due = new (long Delivered, Guid Message, int Index)[written.Count];
        int count = 0;
        for (int i = 0; i < written.Count; i++)
        {
            if (written[i].DeliveredAt.UtcTicks < untilTicks)
            {
                due[count++] = (written[i].DeliveredAt.UtcTicks, written[i].MessageId, i);
            }
            else
            {
                _pending.Add(written[i]);
            }
        }

        Array.Sort(due, 0, count, DeliveryOrder.Instance);
        var events = new SimulatedEvent[count];
        for (int i = 0; i < count; i++)
        {
            events[i] = written[due[i].Index];
        }

        written.Clear();
        return events;
    }
}

/// <summary>The events delivered from <paramref name="From"/> until before <paramref name="Until"/>, in order of delivery.</summary>
public sealed record SimulationSlice(DateTimeOffset From, DateTimeOffset Until, ReadOnlyMemory<SimulatedEvent> Events);

/// <summary>Orders by time of delivery, then by message id, so that the order does not depend on how the events were produced.</summary>
internal sealed class DeliveryOrder : IComparer<(long Delivered, Guid Message, int Index)>
{
    public static DeliveryOrder Instance { get; } = new();

    public int Compare((long Delivered, Guid Message, int Index) x, (long Delivered, Guid Message, int Index) y)
    {
        int order = x.Delivered.CompareTo(y.Delivered);
        return order != 0 ? order : x.Message.CompareTo(y.Message);
    }
}
