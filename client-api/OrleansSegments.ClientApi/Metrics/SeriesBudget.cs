namespace OrleansSegments.ClientApi.Metrics;

/// <summary>How many more series may be made, over all instruments; and how many measurements found none.</summary>
internal sealed class SeriesBudget(int seriesMax)
{
    private int _taken;
    private long _dropped;

    public long MeasurementsDropped => Interlocked.Read(ref _dropped);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= seriesMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _taken);
        Interlocked.Increment(ref _dropped);
        return false;
    }
}
