using System.Buffers;
using OrleansSegments.Simulator.Events;

namespace OrleansSegments.LoadGenerator;

/// <summary>
/// The body of one POST /v1/batch. Written by the scheduler, then read by one request; reused when that is through. There are as many as
/// requests may be under way, so that having one is the right to send.
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
