using OrleansSegments.Simulator;
using OrleansSegments.Simulator.Events;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// An endless stream of simulated events whose time ends about now. History is sent faster than it happened: as many days before now are
/// simulated as the load has events for, at most 60; a longer load goes through them again with the next seed and so with new message ids.
/// </summary>
internal sealed class EventSource
{
    private const int DaysMax = 60;
    private readonly SimulationOptions _options;
    private ulong _rounds;
    private SimulationPartition _partition;
    private SimulationSlice _slice;
    private int _next;

    public EventSource(int customers, long events, ulong seed, DateTimeOffset now)
    {
        double daysNeeded = (events - customers) / (customers * Simulation.ExpectedEventsPerCustomerDay);
        int days = (int)Math.Clamp(Math.Ceiling(daysNeeded) + 1, 1, DaysMax);
        _options = new SimulationOptions { Customers = customers, Seed = seed, Days = days, Start = now.ToUniversalTime().AddDays(-days) };
        _partition = new SimulationPartition(_options);
        _slice = new SimulationSlice(_options.Start, _options.Start, default);
    }

    public SimulatedEvent Next()
    {
        while (_next >= _slice.Events.Length)
        {
            _next = 0;
            SimulationSlice? slice = _partition.NextSlice();
            if (slice is null)
            {
                _rounds++;
                _partition = new SimulationPartition(_options with { Seed = _options.Seed + _rounds });
                continue;
            }

            _slice = slice;
        }

        return _slice.Events.Span[_next++];
    }
}
