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

    private readonly ManualTimeProvider _clock;
    private readonly List<(DateTimeOffset At, long Tick)> _notes = [];
    private readonly ITimer _timer;

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
            return index < 0 ? null : TimeSpan.FromMilliseconds(Environment.TickCount64 - _notes[index].Tick + 1);
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>The tick is one at which nothing was used before the clock moved.</summary>
    private void Note()
    {
        lock (_notes)
        {
            var tick = Environment.TickCount64;
            while (Environment.TickCount64 == tick && (_notes.Count == 0 || _notes[^1].Tick != tick))
            {
                Thread.SpinWait(100);
            }

            _notes.Add((_clock.GetUtcNow(), Environment.TickCount64));
        }
    }
}
#endif
