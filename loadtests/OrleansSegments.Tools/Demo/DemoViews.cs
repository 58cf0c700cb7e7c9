using System.Diagnostics;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Tools.Replay;
using Spectre.Console;

namespace OrleansSegments.Tools.Demo;

/// <summary>Chooses the view: a live table on a terminal, plain lines into a pipe.</summary>
internal static class DemoViews
{
    public static IDemoView Create(DemoStage stage, DemoOptions options) =>
        Console.IsOutputRedirected || Console.IsErrorRedirected || options.AsJson ? new PlainDemoView(stage) : new LiveDemoView(stage);
}

/// <summary>Shows a demonstration while it runs.</summary>
internal interface IDemoView : IDisposable
{
    /// <summary>Draws again if it is time to.</summary>
    Task RefreshAsync();

    /// <summary>Says that a chapter of the story begins.</summary>
    void Announce(StoryChapter chapter);
}

/// <summary>A table on the terminal that is drawn over in place: rates above, segments with moving sizes below. The chapters of the story stay above it.</summary>
internal sealed class LiveDemoView(DemoStage stage) : IDemoView
{
    private const int BarWidth = 30;
    private const string EraseBelow = "\u001b[J";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, long> _lastSizes = [];
    private readonly Queue<StoryChapter> _announced = [];
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
            AnsiConsole.Write(new ControlCode(EraseBelow));
        }

        while (_announced.TryDequeue(out StoryChapter? chapter))
        {
            AnsiConsole.MarkupLineInterpolated($"[bold yellow]{chapter.SimulatedAt:yyyy-MM-dd}  {chapter.Sentence}[/]");
        }

        Table table = Draw(frame);
        AnsiConsole.Write(table);
        _linesDrawn = table.Rows.Count + 6;
    }

    public void Announce(StoryChapter chapter) => _announced.Enqueue(chapter);

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

/// <summary>A line every few seconds, without control characters.</summary>
internal sealed class PlainDemoView(DemoStage stage) : IDemoView
{
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private TimeSpan _next = FirstAfter;
    private DemoMark _last = DemoMark.Take(stage);

    public async Task RefreshAsync()
    {
        if (_last.Age < _next)
        {
            return;
        }

        _next = Interval;
        DemoMark now = DemoMark.Take(stage);
        DemoFrame frame = await DemoFrame.ReadAsync(stage, _last, now);
        _last = now;
        string sizes = string.Join(", ", frame.Census.Segments.OrderByDescending(s => s.Size).Select(s => $"{s.Name} {s.Size:N0}"));
        await Console.Error.WriteLineAsync(
            $"{frame.Clock:yyyy-MM-dd}  {frame.EventsPerSecond:N0} events/s  p50 {frame.LatencyMsP50:N1} ms  p99 {frame.LatencyMsP99:N1} ms  "
            + $"{frame.TransitionsPerSecond:N0} transitions/s  model {frame.Census.ModelVersion}  {frame.Census.Population:N0} customers: {sizes}");
    }

    public void Announce(StoryChapter chapter) => Console.Error.WriteLine($"{chapter.SimulatedAt:yyyy-MM-dd}  {chapter.Sentence}");

    public void Dispose()
    {
    }
}

/// <summary>What a view shows at one moment.</summary>
internal sealed record DemoFrame(
    DateTimeOffset Clock,
    double EventsPerSecond,
    double LatencyMsP50,
    double LatencyMsP99,
    double TransitionsPerSecond,
    SegmentCensus Census,
    RolloutProgress Rollout,
    string LastTraining)
{
    /// <summary>Reads the present; rates are since the previous frame.</summary>
    public static async Task<DemoFrame> ReadAsync(DemoStage stage, DemoMark previous, DemoMark now) => new(
        stage.Clock.GetUtcNow(),
        previous.RateTo(now, m => m.Events),
        stage.Pipeline.LatencyMilliseconds(50),
        stage.Pipeline.LatencyMilliseconds(99),
        previous.RateTo(now, m => m.Transitions),
        await SegmentTable.ReadAsync(stage.Host.Grains),
        await stage.Host.Grains.GetGrain<IModelGrain>(0).Rollout(),
        stage.LastTraining);
}

/// <summary>Counters at a moment, to take rates between two of them.</summary>
internal readonly record struct DemoMark(long At, long Events, long Transitions)
{
    public static DemoMark Take(DemoStage stage) => new(Stopwatch.GetTimestamp(), stage.Pipeline.Accepted, stage.Host.TransitionsCommitted);

    public TimeSpan Age => Stopwatch.GetElapsedTime(At);

    public double RateTo(DemoMark later, Func<DemoMark, long> counter) =>
        (counter(later) - counter(this)) / Math.Max(1e-3, Stopwatch.GetElapsedTime(At, later.At).TotalSeconds);
}
