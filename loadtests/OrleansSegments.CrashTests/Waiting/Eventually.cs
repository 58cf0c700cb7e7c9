using System.Diagnostics;

namespace OrleansSegments.CrashTests.Waiting;

/// <summary>Waits for a named condition with a deadline that explains itself.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <param name="explain">What there is instead; part of the message when the time is up.</param>
    /// <exception cref="TimeoutException">The time is up.</exception>
    public static async Task HoldsAsync(string condition, TimeSpan within, Func<Task<bool>> holdsAsync, Func<string>? explain = null)
    {
        if (!await TryHoldsAsync(within, holdsAsync))
        {
            throw new TimeoutException($"Not within {within}: {condition}. {explain?.Invoke()}");
        }
    }

    /// <summary>Whether the condition came to hold in time.</summary>
    public static async Task<bool> TryHoldsAsync(TimeSpan within, Func<Task<bool>> holdsAsync)
    {
        long startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!await holdsAsync())
        {
            if (Stopwatch.GetElapsedTime(startedAt) > within)
            {
                return false;
            }

            await timer.WaitForNextTickAsync();
        }

        return true;
    }
}
