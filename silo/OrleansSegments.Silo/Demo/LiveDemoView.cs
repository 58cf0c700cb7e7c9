using OrleansSegments.Contracts.Segments;
using Spectre.Console;

namespace OrleansSegments.Silo.Demo;

/// <summary>A table on the terminal that is drawn over in place: rates above, segments with moving sizes below.</summary>
internal sealed class LiveDemoView(DemoStage stage) : IDemoView
{
    private const int BarWidth = 30;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, long> _lastSizes = [];
    private DemoMark _last = DemoMark.Take(stage);
    private int _linesDrawn;

    public async Task RefreshAsync()
    {
        if (_last.Age < Interval)
        {
            return;
        }

        DemoMark now = DemoMark.Take(stage);
        DemoFrame frame = await DemoFrame.ReadAsync(stage, _last, now);
        _last = now;
        if (_linesDrawn > 0)
        {
            AnsiConsole.Cursor.MoveUp(_linesDrawn);
        }

        Table table = Draw(frame);
        AnsiConsole.Write(table);
        _linesDrawn = table.Rows.Count + 6;
    }

    public void Dispose()
    {
    }

    private Table Draw(DemoFrame frame)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        table.Title = new TableTitle(
            $"{frame.Clock:yyyy-MM-dd HH:mm}   {frame.EventsPerSecond:N0} events/s   p50 {frame.LatencyMsP50:N1} ms   p99 {frame.LatencyMsP99:N1} ms   "
            + $"{frame.TransitionsPerSecond:N0} transitions/s");
        table.AddColumn("segment").AddColumn(new TableColumn("size").RightAligned()).AddColumn(new TableColumn("change").RightAligned()).AddColumn("share");
        foreach (SegmentCount segment in frame.Census.Segments.OrderByDescending(s => s.Size))
        {
            long change = segment.Size - _lastSizes.GetValueOrDefault(segment.Id, segment.Size);
            _lastSizes[segment.Id] = segment.Size;
            string colour = change > 0 ? "green" : change < 0 ? "red" : "grey";
            var bar = new string('█', (int)Math.Round(segment.Share * BarWidth));
            table.AddRow(Markup.Escape(segment.Name), $"{segment.Size:N0}", $"[{colour}]{change:+#,0;-#,0;0}[/]", $"{bar} {segment.Share:P1}");
        }

        string rollout = frame.Rollout.Complete ? "complete" : $"{frame.Rollout.Evaluated:N0} evaluated";
        table.Caption = new TableTitle(
            $"{frame.Census.Population:N0} customers   model {frame.Census.ModelVersion}, roll-out {rollout}   {Markup.Escape(Short(frame.LastTraining))}");
        return table;
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
