using System.Diagnostics;

namespace OrleansSegments.EndToEndTests.Waiting;

/// <summary>Waits for a named condition with a deadline that explains itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <param name="explain">What there is instead; part of the message when the time is up.</param>
    public static async Task HoldsAsync(string condition, TimeSpan within, Func<Task<bool>> holdsAsync, Func<string>? explain = null)
    {
        long startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!await holdsAsync())
        {
            if (Stopwatch.GetElapsedTime(startedAt) > within)
            {
                Assert.Fail($"Not within {within}: {condition}. {explain?.Invoke()}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
