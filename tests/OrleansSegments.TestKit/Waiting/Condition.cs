using System.Diagnostics;

namespace OrleansSegments.TestKit.Waiting;

/// <summary>Waits for a named condition with a deadline and an explanatory failure message.</summary>
public static class Condition
{
    /// <summary>Far longer than a loaded machine needs, to distinguish a hang from a slow machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <param name="condition">Description of the condition, for the message.</param>
    /// <param name="explain">Describes the actual state; part of the message on timeout.</param>
    /// <exception cref="TimeoutException">Thrown when the condition did not hold in time.</exception>
    public static async Task HoldsAsync(string condition, Func<Task<bool>> holdsAsync, Func<string>? explain = null, TimeSpan? within = null)
    {
        if (!await ComesToHoldAsync(holdsAsync, within))
        {
            throw new TimeoutException($"Not within {within ?? Patience}: {condition}. {explain?.Invoke()}");
        }
    }

    /// <summary>Returns true when the condition held in time.</summary>
    public static async Task<bool> ComesToHoldAsync(Func<Task<bool>> holdsAsync, TimeSpan? within = null)
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!await holdsAsync())
        {
            if (Stopwatch.GetElapsedTime(startedAt) > (within ?? Patience))
            {
                return false;
            }

            await timer.WaitForNextTickAsync();
        }

        return true;
    }

    public static Task HoldsAsync(string condition, Func<bool> holds, Func<string>? explain = null, TimeSpan? within = null) =>
        HoldsAsync(condition, () => Task.FromResult(holds()), explain, within);

    /// <summary>Awaits a task that is expected to end.</summary>
    /// <exception cref="TimeoutException">Thrown when it did not end in time.</exception>
    public static async Task<T> EndsAsync<T>(string what, Task<T> task, TimeSpan? within = null)
    {
        try
        {
            return await task.WaitAsync(within ?? Patience);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Not within {within ?? Patience}: {what}.");
        }
    }
}
