#if USE_ORLEANS
using OrleansSegments.TestKit.Time;

namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>
/// Orleans measures idleness by the machine's ticks and nothing else. This notes at which tick the test's clock stood where, so that an age on
/// that clock can be asked for in ticks: what was last used before that tick is as old, what was used after it is not.
/// </summary>
internal sealed class IdleAges : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    private const int GapMilliseconds = 250;

    private readonly ManualTimeProvider _clock;
    private readonly List<(DateTimeOffset At, long Tick)> _notes = [];
    private readonly ITimer _timer;
    private long _tick;

    public IdleAges(ManualTimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(_ => Note(), null, Step, Step);
    }

    /// <summary>The age in real time of what was last used when the test's clock stood so far back; null when it was not that long ago.</summary>
    public TimeSpan? InTicks(TimeSpan age)
    {
        var until = _clock.GetUtcNow() - age;
        lock (_notes)
        {
            var index = _notes.FindLastIndex(note => note.At <= until);
            return index < 0 ? null : TimeSpan.FromMilliseconds(Environment.TickCount64 - _notes[index].Tick);
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>
    /// Whatever was used before the clock moved lies further back than what is used after it by a time that no call takes, and that is long
    /// compared with the machine's tick.
    /// </summary>
    private void Note()
    {
        lock (_notes)
        {
            if (_notes.Count == 0 || Environment.TickCount64 - _notes[^1].Tick > 2 * GapMilliseconds)
            {
                _tick = Environment.TickCount64;
                SpinWait.SpinUntil(() => Environment.TickCount64 - _tick > GapMilliseconds);
            }

            _notes.Add((_clock.GetUtcNow(), _tick));
        }
    }
}
#endif
