using System.Buffers;
using OrleansSegments.Simulator;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// An endless stream of simulated events that ends about now. History is sent faster than it happened: the simulated time before now has as
/// many days as the load needs, at most 60; a longer load repeats them with the next seed and therefore new message ids.
/// </summary>
internal sealed class EventSource
{
    private const int DaysMax = 60;
    private readonly SimulationOptions _options;
    private ulong _rounds;
    private SimulationPartition _partition;
    private SimulationSlice _slice;
    private readonly KeyChoice? _zipf;
    private int _next;

    public EventSource(int customers, long events, ulong seed, DateTimeOffset now, bool isZipf)
    {
        _zipf = isZipf ? new KeyChoice(customers, isZipf, seed) : null;
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

        SimulatedEvent next = _slice.Events.Span[_next++];
        return _zipf is null ? next : next with { CustomerId = $"zipf-{_zipf.Next()}" };
    }
}

/// <summary>
/// The body of one POST /v1/batch: written by the scheduler, then read by one request, then reused. There are as many as concurrent
/// requests are allowed, so owning one is the permission to send.
/// </summary>
internal sealed class BatchBody
{
    private readonly ArrayBufferWriter<byte> _json = new();

    public int Events { get; private set; }

    public ReadOnlyMemory<byte> Json => _json.WrittenMemory;

    public void Fill(EventSource source, int events)
    {
        _json.ResetWrittenCount();
        Events = events;
        _json.Write("{\"batch\":["u8);
        for (int i = 0; i < events; i++)
        {
            if (i > 0)
            {
                _json.Write(","u8);
            }

            SegmentJson.WriteEvent(source.Next(), _json);
        }

        _json.Write("]}"u8);
    }
}
