using System.Collections.Concurrent;
using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Failures;

/// <summary>
/// Writers that continue through every failure, each with its own customer. A refused change is sent again unchanged until it is committed;
/// a conflict means that it had been committed although the answer was lost, which is verified.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int Segments = 5;
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMilliseconds(5);

    private readonly StoreRun _run;
    private readonly string _prefix;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp = new();
    private readonly ConcurrentDictionary<CommitOutcome, int> _outcomes = new();
    private readonly long[] _acknowledged;
    private readonly Task _writing;

    public SteadyLoad(StoreRun run, int writers, string prefix = "load:")
    {
        _run = run;
        _prefix = prefix;
        _acknowledged = new long[writers];
        _writing = Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() => WriteAsync(writer))));
    }

    public IReadOnlyDictionary<CommitOutcome, int> Outcomes => _outcomes;

    private string Words => $"{string.Join(", ", _outcomes.Select(outcome => $"{outcome.Key}: {outcome.Value}"))}. {_run.Customers.Health}";

    /// <summary>Completes when every writer has this many more acknowledged changes than now.</summary>
    public Task GoesOnAsync(int changes)
    {
        var goals = _acknowledged.Select((_, writer) => Volatile.Read(ref _acknowledged[writer]) + changes).ToArray();
        return Condition.HoldsAsync(
            $"every writer has {changes} more changes acknowledged",
            () => _writing.IsFaulted || goals.Select((goal, writer) => Volatile.Read(ref _acknowledged[writer]) >= goal).All(isReached => isReached),
            () => Words);
    }

    /// <summary>Stops the writers and compares the stored records with what was acknowledged.</summary>
    public async Task StopAndCheckAsync(StoreRun? reader = null)
    {
        await _stopping.CancelAsync();
        await _writing.WaitAsync(Condition.Patience);
        reader ??= _run;
        for (var writer = 0; writer < _acknowledged.Length; writer++)
        {
            var version = _acknowledged[writer];
            var found = await reader.ReadAsync($"{_prefix}{writer}");
            Assert.True(version == (found?.Version ?? 0), $"{_prefix}{writer} was acknowledged at version {version} and is at {found?.Version ?? 0}.");
            Assert.Equal(
                Enumerable.Range(1, (int)version).Select(SegmentOf), (await reader.HistoryAsync($"{_prefix}{writer}", 1_000_000)).Reverse().Select(transition => transition.ToSegmentId));
        }

        await reader.VerifyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // Dispose after a failed test waits for nothing; after a successful one the writers have already stopped.
        await _stopping.CancelAsync();
        await _givingUp.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _givingUp.Dispose();
    }

    private static int SegmentOf(int version) => version % Segments;

    private async Task WriteAsync(int writer)
    {
        var id = $"{_prefix}{writer}";
        using var pause = new PeriodicTimer(PauseAfterRefusal);
        for (var version = 1; !_stopping.IsCancellationRequested; version++)
        {
            var change = SampleChange.Of(id, version, version == 1 ? null : SegmentOf(version - 1), SegmentOf(version), due: version % 3 == 0 ? null : version);
            var wasInDoubt = false;
            while (await CommitAsync(change) is var outcome && outcome != CommitOutcome.Committed)
            {
                if (outcome == CommitOutcome.Conflict)
                {
                    Assert.True(wasInDoubt, $"{id} has one writer and met a conflict at version {version}.");
                    Records.AssertSame(change.Record, await ReadAsync(id));
                    break;
                }

                wasInDoubt |= outcome == CommitOutcome.Unavailable;
                await pause.WaitForNextTickAsync(_givingUp.Token);
            }

            Volatile.Write(ref _acknowledged[writer], version);
        }
    }

    private async Task<CommitOutcome> CommitAsync(CustomerChange change)
    {
        var outcome = await Condition.EndsAsync($"{change.CustomerId} is answered", _run.Customers.CommitAsync(change).AsTask());
        _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        return outcome;
    }

    private async Task<CustomerRecord?> ReadAsync(string id)
    {
        CustomerRecord? found = null;
        await Condition.HoldsAsync($"{id} can be read", async () =>
        {
            try
            {
                found = await _run.ReadAsync(id);
                return true;
            }
            catch (StoreException)
            {
                return false;
            }
        });
        return found;
    }
}
