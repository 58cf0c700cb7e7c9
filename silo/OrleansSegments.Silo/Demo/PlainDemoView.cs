namespace OrleansSegments.Silo.Demo;

/// <summary>A line every few seconds, without control characters.</summary>
internal sealed class PlainDemoView(DemoStage stage) : IDemoView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private DemoMark _last = DemoMark.Take(stage);

    public async Task RefreshAsync()
    {
        if (_last.Age < Interval)
        {
            return;
        }

        DemoMark now = DemoMark.Take(stage);
        DemoFrame frame = await DemoFrame.ReadAsync(stage, _last, now);
        _last = now;
        string sizes = string.Join(", ", frame.Census.Segments.OrderByDescending(s => s.Size).Select(s => $"{s.Name} {s.Size:N0}"));
        await Console.Error.WriteLineAsync(
            $"{frame.Clock:yyyy-MM-dd}  {frame.EventsPerSecond:N0} events/s  p50 {frame.LatencyMsP50:N1} ms  p99 {frame.LatencyMsP99:N1} ms  "
            + $"{frame.TransitionsPerSecond:N0} transitions/s  model {frame.Census.ModelVersion}  {frame.Census.Population:N0} customers: {sizes}");
    }

    public void Dispose()
    {
    }
}
