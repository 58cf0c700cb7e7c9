using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Postgres.Totals;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>The commit lanes of one store, and which of them a customer's changes take.</summary>
internal sealed class CommitLanes : IDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly WaitingWork _waiting;
    private readonly CommitLane[] _lanes;
    private readonly PostgresContext _context;
    private readonly Lock _watching = new();
    private ITimer? _watch;
    private bool _isClosed;

    public CommitLanes(PostgresContext context, TotalsRefresh totals)
    {
        _context = context;
        var limits = context.Options.CommitLimits;
        _waiting = new WaitingWork(limits);
        _lanes = new CommitLane[context.Options.CommitLanes];
        for (var number = 0; number < _lanes.Length; number++)
        {
            _lanes[number] = new CommitLane(number, new CommitQueue(limits, _waiting), totals, context);
        }
    }

    public int ChangesWaiting => _waiting.Changes;

    public CommitQueue Of(string customerId) => _lanes[(uint)customerId.GetHashCode(StringComparison.Ordinal) % (uint)_lanes.Length].Queue;

    public void Start()
    {
        foreach (var lane in _lanes)
        {
            lane.Start();
        }

        _watch = _context.Time.CreateTimer(static lanes => ((CommitLanes)lanes!).Watch(), this, WatchInterval, WatchInterval);
    }

    /// <summary>Lets nothing more in and commits what waits, for as long as the options allow; what is left then is answered as unavailable.</summary>
    public void Close()
    {
        var closing = _context.Time.GetTimestamp();
        foreach (var lane in _lanes)
        {
            lane.Queue.Close();
        }

        foreach (var lane in _lanes)
        {
            var left = _context.Options.CloseTimeout - _context.Time.GetElapsedTime(closing);
            if (!lane.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                _context.Condition.Fatal($"The store was closed before PostgreSQL at {_context.Database.Where} had taken all commits.");
                _context.Logger.LogWarning("Closing waits for a commit that takes longer than {Timeout}", _context.Options.CloseTimeout);
                lane.Join(Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        // What was given up is answered, so nothing is left to watch; a last look may still be under way.
        _watch?.Dispose();
        lock (_watching)
        {
            _isClosed = true;
        }

        foreach (var lane in _lanes)
        {
            lane.Dispose();
        }
    }

    private void Watch()
    {
        lock (_watching)
        {
            foreach (var lane in _isClosed ? [] : _lanes)
            {
                lane.Watch();
            }
        }
    }
}
