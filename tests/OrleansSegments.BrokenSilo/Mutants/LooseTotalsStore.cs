using System.Collections.Frozen;
using System.Text.Json;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>Counts members in memory and writes the counts once a second, outside the commits. After a kill they are outdated.</summary>
internal sealed class LooseTotalsStore : PassingStore
{
    private const string Kind = "loose-totals";
    private const string Key = "sizes";

    private static readonly TimeSpan WritesEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IControlStateStore _control;
    private readonly Dictionary<int, long> _sizes;
    private long _version;

    public LooseTotalsStore(ICustomerStore store, IControlStateStore control)
        : base(store)
    {
        _control = control;
        ControlDocument? document = control.ReadAsync(Kind, Key, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        _version = document?.Version ?? 0;
        _sizes = document is null ? new(store.Totals.SizeBySegmentId) : JsonSerializer.Deserialize<Dictionary<int, long>>(document.Content)!;
        _ = WriteAsync();
    }

    public override SegmentTotals Totals
    {
        get
        {
            SegmentTotals right = Inner.Totals;
            lock (_gate)
            {
                return new SegmentTotals(
                    right.Sequence,
                    _sizes.Values.Sum(),
                    _sizes.Where(size => size.Value != 0).ToFrozenDictionary(),
                    right.LatestOccurredAtMilliseconds);
            }
        }
    }

    public override void Commit(CustomerChange change, ICommitListener listener) => Inner.Commit(change, new CountingListener(this, change, listener));

    private void Count(int? segmentId, int by)
    {
        if (segmentId is { } id)
        {
            lock (_gate)
            {
                _sizes[id] = _sizes.GetValueOrDefault(id) + by;
            }
        }
    }

    private sealed class CountingListener(LooseTotalsStore totals, CustomerChange change, ICommitListener next) : ICommitListener
    {
        public void Ended(CommitOutcome outcome)
        {
            if (outcome == CommitOutcome.Committed)
            {
                totals.Count(change.PreviousSegmentId, -1);
                totals.Count(change.Record.SegmentId, 1);
            }

            next.Ended(outcome);
        }
    }

    private async Task WriteAsync()
    {
        using var timer = new PeriodicTimer(WritesEvery);
        while (await timer.WaitForNextTickAsync())
        {
            byte[] sizes;
            lock (_gate)
            {
                sizes = JsonSerializer.SerializeToUtf8Bytes(_sizes);
            }

            _version += await _control.TryWriteAsync(Kind, Key, _version, sizes, CancellationToken.None) ? 1 : 0;
        }
    }
}
