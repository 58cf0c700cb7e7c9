using System.Diagnostics;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>
/// A store alone: creates a population, then changes customers uniformly at random from many writers at once, closed loop.
/// The time of a change is from handing it in to being told that it is durable.
/// </summary>
public static class StoreBenchmark
{
    private const int Seed = 20260;
    private const int Segments = 8;

    /// <param name="store">Must be empty.</param>
    public static async Task<IReadOnlyList<StoreBenchmarkResult>> RunAsync(
        IStore store, int customers, int writers, int stateBytes, TimeSpan duration)
    {
        var results = new List<StoreBenchmarkResult>();
        var run = new Population(store.Customers, customers, writers, stateBytes);
        results.Add(await run.MeasureAsync("create", TimeSpan.MaxValue));
        results.Add(await run.MeasureAsync("change", duration));

        var started = Stopwatch.GetTimestamp();
        var differences = await store.VerifyAsync(CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        results.Add(new StoreBenchmarkResult("recount", customers, seconds, 0, 0, 0, store.Customers.Health.Commits));
        return differences.Count == 0 ? results : throw new InvalidOperationException(string.Join(' ', differences));
    }

    private sealed class Population(ICustomerStore store, int customers, int writers, int stateBytes)
    {
        // A state is a slice of a random block: making random bytes anew would cost as much as the store does.
        private readonly byte[] _block = MakeBlock();
        private readonly CustomerRecord?[] _records = new CustomerRecord?[customers];
        private readonly string[] _ids = [.. Enumerable.Range(0, customers).Select(number => $"c:{(uint)number * 2654435761u:x8}-customer")];

        public async Task<StoreBenchmarkResult> MeasureAsync(string name, TimeSpan duration)
        {
            var commits = store.Health.Commits;
            var started = Stopwatch.GetTimestamp();
            var times = await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer, started, duration))));
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var all = times.SelectMany(time => time).Order().ToArray();
            return new StoreBenchmarkResult(
                name, all.Length, seconds, all[all.Length / 2], all[all.Length * 99 / 100], all[^1], store.Health.Commits - commits);
        }

        // Each writer owns every n-th customer, so that no two writers race and every change must be accepted.
        private async Task<List<float>> WriteAsync(int writer, long started, TimeSpan duration)
        {
            var random = new Random(Seed + writer);
            var times = new List<float>();
            var owned = (customers - writer + writers - 1) / writers;
            for (var turn = 0; duration == TimeSpan.MaxValue ? turn < owned : Stopwatch.GetElapsedTime(started) < duration; turn++)
            {
                var index = ((duration == TimeSpan.MaxValue ? turn : random.Next(owned)) * writers) + writer;
                var before = Stopwatch.GetTimestamp();
                var outcome = await store.CommitAsync(Next(index, random));
                times.Add((float)Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                if (outcome != CommitOutcome.Committed)
                {
                    throw new InvalidOperationException($"A change was answered {outcome}: {store.Health.Problem}");
                }
            }

            return times;
        }

        private CustomerChange Next(int index, Random random)
        {
            var before = _records[index];
            var moves = before is null || random.Next(50) == 0;
            var now = 1_700_000_000_000 + Stopwatch.GetTimestamp() / 1_000_000;
            var state = _block.AsSpan(random.Next(_block.Length - stateBytes), stateBytes).ToArray();
            var record = new CustomerRecord((before?.Version ?? 0) + 1, moves ? random.Next(Segments) : before!.SegmentId, 1, now, 1, 1, state);
            _records[index] = record;
            return new CustomerChange(
                _ids[index], before?.SegmentId, record, now + random.Next(86_400_000), TransitionCause.Event, now);
        }

        private static byte[] MakeBlock()
        {
            var block = new byte[1024 * 1024];
            new Random(Seed).NextBytes(block);
            return block;
        }
    }
}
