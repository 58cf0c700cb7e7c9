using System.Diagnostics;
using OrleansSegments.Benchmarks.Contestants;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Benchmarks.Store;

/// <summary>
/// A single thread that submits changes to a store, so that versions ascend in the order of submission: at a fixed rate, where latency
/// counts from the intended moment, or as fast as a window of pending changes allows. Keeps every customer's newest record, as live grains
/// would, unless it is light.
/// </summary>
/// <param name="isLight">Keeps no records and reuses a few thousand existing states, so that garbage collection pauses do not affect the
/// latency.</param>
internal sealed class StoreLoad(ICustomerStore store, int customers, int stateBytes, bool isZipf, bool isLight)
{
    private const int Seed = 20260;
    private const int Segments = 8;
    private const int StatesShared = 4_096;
    private const int WindowChanges = 16_384;

    // Below the store's queue limit. If the rate is too high the load falls behind, which shows in the latency.
    private const int WindowAtRate = 90_000;

    private const long DayMilliseconds = 86_400_000;

    private readonly CustomerRecord?[] _records = new CustomerRecord?[isLight ? 0 : customers];
    private readonly (int Version, int SegmentId)[] _newest = new (int, int)[customers];
    private readonly string[] _ids = [.. Enumerable.Range(0, customers).Select(number => $"c:{(uint)number * 2654435761u:x8}-customer")];
    private readonly byte[] _noise = Noise();
    private readonly byte[][]? _states = isLight ? States(stateBytes) : null;
    private readonly Random _random = new(Seed);
    private readonly KeyChoice _keys = new(customers, isZipf, Seed);
    private LatencyHistogram _latency = new();
    private string? _refusal;
    private int _underWay;

    /// <summary>Creates every customer once.</summary>
    public StoreLoadResult Create() => Measure("create", customers, number => Hand((int)number, Stopwatch.GetTimestamp(), WindowChanges));

    /// <summary>Submits changes at a fixed rate, regardless of their outcomes; with rate 0 as fast as the window allows.</summary>
    public StoreLoadResult Change(string name, TimeSpan duration, int rate)
    {
        long startedAt = Stopwatch.GetTimestamp();
        double ticksEach = rate == 0 ? 0 : (double)Stopwatch.Frequency / rate;
        return Measure(name, long.MaxValue, number =>
        {
            long intendedAt = rate == 0 ? Stopwatch.GetTimestamp() : startedAt + (long)(number * ticksEach);
            while (Stopwatch.GetTimestamp() < intendedAt)
            {
                Thread.Sleep(1);
            }

            bool goesOn = Stopwatch.GetElapsedTime(startedAt) < duration;
            return goesOn && Hand(_keys.Next(), intendedAt, rate == 0 ? WindowChanges : WindowAtRate);
        });
    }

    private StoreLoadResult Measure(string name, long changesMax, Func<long, bool> hand)
    {
        _latency = new LatencyHistogram();
        ThreadTimes before = ThreadTimes.Read();
        long commits = store.Health.Commits;
        int collections = GC.CollectionCount(2);
        TimeSpan paused = GC.GetTotalPauseDuration();
        long startedAt = Stopwatch.GetTimestamp();
        long changes = 0;
        while (changes < changesMax && hand(changes) && _refusal is null)
        {
            changes++;
        }

        SpinWait.SpinUntil(() => Volatile.Read(ref _underWay) == 0);
        double seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        ThreadTimes after = ThreadTimes.Read();
        return _refusal is { } refusal
            ? throw new InvalidOperationException($"A change was answered {refusal}: {store.Health.Problem}")
            : new StoreLoadResult(name, changes, seconds, (after.TotalNanoseconds - before.TotalNanoseconds) / 1e3 / changes, _latency)
            {
                Threads = after.Since(before, changes),
                Commits = store.Health.Commits - commits,
                FullCollections = GC.CollectionCount(2) - collections,
                Paused = GC.GetTotalPauseDuration() - paused,
            };
    }

    private bool Hand(int number, long intendedAt, int window)
    {
        while (Volatile.Read(ref _underWay) >= window)
        {
            Thread.Sleep(1);
        }

        Interlocked.Increment(ref _underWay);
        _ = CommitAsync(Next(number), intendedAt);
        return true;
    }

    private async Task CommitAsync(CustomerChange change, long intendedAt)
    {
        CommitOutcome outcome = await store.CommitAsync(change);
        _latency.Record(Stopwatch.GetElapsedTime(intendedAt));
        if (outcome != CommitOutcome.Committed)
        {
            _refusal = outcome.ToString();
        }

        Interlocked.Decrement(ref _underWay);
    }

    private CustomerChange Next(int number)
    {
        ref (int Version, int SegmentId) newest = ref _newest[number];
        int? before = newest.Version == 0 ? null : newest.SegmentId;
        newest = (newest.Version + 1, before is null || _random.Next(50) == 0 ? _random.Next(Segments) : newest.SegmentId);
        long now = 1_700_000_000_000 + (Stopwatch.GetTimestamp() / 1_000_000);
        byte[] state = _states is null
            ? _noise.AsSpan(_random.Next(_noise.Length - stateBytes), stateBytes).ToArray()
            : _states[_random.Next(_states.Length)];
        var record = new CustomerRecord(newest.Version, newest.SegmentId, 1, now, 1, 1, state);
        if (!isLight)
        {
            _records[number] = record;
        }

        return new CustomerChange(_ids[number], before, record, now + DayMilliseconds, TransitionCause.Event, now);
    }

    private static byte[][] States(int stateBytes)
    {
        var random = new Random(Seed);
        byte[][] states = new byte[StatesShared][];
        for (int state = 0; state < StatesShared; state++)
        {
            random.NextBytes(states[state] = new byte[stateBytes]);
        }

        return states;
    }

    private static byte[] Noise()
    {
        byte[] noise = new byte[1 << 20];
        new Random(Seed).NextBytes(noise);
        return noise;
    }
}

/// <summary>Result of one phase of <see cref="StoreLoad"/>; processor time includes the load's own.</summary>
internal sealed record StoreLoadResult(string Phase, long Changes, double Seconds, double ProcessorMicrosecondsEach, LatencyHistogram Latency)
{
    public required string Threads { get; init; }

    public required long Commits { get; init; }

    public required int FullCollections { get; init; }

    public required TimeSpan Paused { get; init; }

    public override string ToString() =>
        $"{Phase,-10} {Changes / Seconds,9:N0}/s over {Seconds,3:F0} s  {ProcessorMicrosecondsEach,5:F2} us each  p50 {Latency.Percentile(50).TotalMilliseconds:F1}"
        + $"  p99 {Latency.Percentile(99).TotalMilliseconds:F1}  p99.9 {Latency.Percentile(99.9).TotalMilliseconds:F1}  max {Latency.Max.TotalMilliseconds:F0} ms"
        + $"  {Commits:N0} commits  {FullCollections} full collections, paused {Paused.TotalMilliseconds:N0} ms{Environment.NewLine}           {Threads}";
}
