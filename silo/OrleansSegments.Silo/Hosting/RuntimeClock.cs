namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// The clock of Orleans' own affairs: real time, with timestamps that count from the start of the process. Its watchdog may look for the first time before
/// the other thread has left its first timestamp; the system's timestamps count from the machine's start, so that it warned of a stall of weeks.
/// </summary>
internal sealed class RuntimeClock : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long GetTimestamp() => System.GetTimestamp() - _start;
}
