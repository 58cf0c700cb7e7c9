using System.Globalization;

namespace OrleansSegments.Benchmarks.Commits;

/// <summary>Processor time of this process by the name of the thread, as Linux counts it; empty elsewhere.</summary>
internal sealed class ThreadTimes
{
    private const string Tasks = "/proc/self/task";

    private readonly Dictionary<string, long> _nanosecondsByThread = [];

    private ThreadTimes()
    {
    }

    public long TotalNanoseconds => _nanosecondsByThread.Values.Sum();

    public static ThreadTimes Read()
    {
        var times = new ThreadTimes();
        foreach (string task in Directory.Exists(Tasks) ? Directory.GetDirectories(Tasks) : [])
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(task, "comm")).Trim();
                string spent = File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0];
                times._nanosecondsByThread[name] =
                    times._nanosecondsByThread.GetValueOrDefault(name) + long.Parse(spent, CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread ended meanwhile.
            }
        }

        return times;
    }

    /// <summary>What was spent since, in microseconds for each of so many changes, the most expensive first.</summary>
    public string Since(ThreadTimes before, long changes) => string.Join(", ", _nanosecondsByThread
        .Select(spent => (spent.Key, Each: (spent.Value - before._nanosecondsByThread.GetValueOrDefault(spent.Key)) / 1e3 / changes))
        .Where(spent => spent.Each >= 0.01)
        .OrderByDescending(spent => spent.Each)
        .Select(spent => string.Create(CultureInfo.InvariantCulture, $"{spent.Key} {spent.Each:F2}")));
}
