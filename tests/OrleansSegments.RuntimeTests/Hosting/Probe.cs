using System.Collections.Concurrent;

namespace OrleansSegments.RuntimeTests.Hosting;

/// <summary>What tests and their grains share: named counters to wait for, and named gates that grains wait at.</summary>
public sealed class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly Dictionary<string, int> _hits = [];
    private readonly List<(string Name, int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly Lock _lock = new();

    public int Count(string name)
    {
        lock (_lock)
        {
            return _hits.GetValueOrDefault(name);
        }
    }

    public int Hit(string name)
    {
        lock (_lock)
        {
            var count = _hits[name] = _hits.GetValueOrDefault(name) + 1;
            foreach (var waiting in _waiting.Where(waiting => waiting.Name == name && waiting.Count <= count))
            {
                waiting.Reached.TrySetResult();
            }

            return count;
        }
    }

    /// <summary>Completes once the counter has reached the count; fails with its name when that takes unreasonably long.</summary>
    public async Task Reached(string name, int count = 1)
    {
        if (!await ReachedWithin(Patience, name, count))
        {
            throw new TimeoutException($"'{name}' was reached {Count(name)} times in {Patience}; {count} were expected.");
        }
    }

    /// <summary>Whether the counter has reached the count by then.</summary>
    public async Task<bool> ReachedWithin(TimeSpan patience, string name, int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_hits.GetValueOrDefault(name) >= count)
            {
                return true;
            }

            _waiting.Add((name, count, reached));
        }

        return await Task.WhenAny(reached.Task, Task.Delay(patience)) == reached.Task;
    }

    /// <summary>Where a grain waits until the test opens it.</summary>
    public Task Gate(string name) => GateOf(name).Task;

    public void Open(string name) => GateOf(name).TrySetResult();

    /// <summary>Lets every grain go that still waits, so that a stop is a graceful one.</summary>
    public void OpenAll()
    {
        foreach (var gate in _gates.Values)
        {
            gate.TrySetResult();
        }
    }

    private TaskCompletionSource GateOf(string name) =>
        _gates.GetOrAdd(name, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
