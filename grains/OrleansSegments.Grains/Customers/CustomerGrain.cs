using Orleans;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Changes;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Owns one customer: its features and its segment. Key: the customer id, prefixed. A crash loses nothing acknowledged: the store has it.
/// All methods interleave. The invariant across every await: <see cref="_live"/> takes a change in one step before the await, each change is
/// handed to the store in the order of its version, and the store refuses everything after a change it refused. What <see cref="_live"/> says of
/// changes on their way is written by the store's commit thread; turns and sweeps of other threads look at it under the lock of this object.
/// </summary>
public sealed class CustomerGrain(CustomerServices services) : Grain, ICustomerGrain, ILiveRecord
{
    /// <summary>How often an answer waits for what changed while it waited.</summary>
    private const int RefreshAttemptsMax = 8;

    private LiveCustomerState _live = new();
    private int _row = Populations.Population.NoRow;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (await services.Store.ReadAsync(CustomerId, cancellationToken) is { } record)
        {
            lock (this)
            {
                _live.Load(services.States, record);
            }

            _row = services.Population.Add(this.GetPrimaryKeyString(), this);
        }
    }

    /// <summary>The next activation reads the store, so it must not begin before this one's commits have ended.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            while (NextEnd(out _) is { } end)
            {
                await end.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            services.Population.Remove(Interlocked.Exchange(ref _row, Populations.Population.ClosedRow));
            lock (this)
            {
                _live.Close(services.States);
            }
        }
    }

    bool ILiveRecord.TryReadDurable(out CustomerRecord? record)
    {
        lock (this)
        {
            record = _live.IsSettled ? _live.Copy(services.States) : null;
            return _live.IsSettled;
        }
    }

    /// <summary>The size of the encoded state, as a hint that any thread may read.</summary>
    internal int StateBytes => _live.StateBytes;

    /// <summary>Asks the memory for the encoded state, soon to be needed; any thread may.</summary>
    internal int FetchState() => _live.Fetch(services.States);

    public ValueTask<RecordReceipt> Record(RecordRequest request)
    {
        if (request.CatalogueHash != services.Evaluator.Features.Catalogue.Hash)
        {
            return new(new RecordReceipt(RecordStatus.CatalogueMismatch, 0, 0));
        }

        if (_live.IsStale)
        {
            return new(new RecordReceipt(RecordStatus.Conflict, 0, 0));
        }

        byte[] state = services.Evaluator.Features.Apply(_live.State(services.States), request.Facts, out int applied, out int duplicates);
        if (applied == 0)
        {
            return Repeat(duplicates);
        }

        return HandIn(Change(state, TransitionCause.Event, out _), applied, duplicates).Receipt;
    }

    public async ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason)
    {
        if (_live.IsStale || !_live.Standing.Exists)
        {
            return new(_live.IsStale ? RecordStatus.Conflict : RecordStatus.Durable, false);
        }

        var cause = reason == ReconsiderReason.Time ? TransitionCause.Time : TransitionCause.Model;
        CustomerChange change = Change(_live.State(services.States).ToArray(), cause, out bool moved);
        if (!moved && reason == ReconsiderReason.Model)
        {
            return new(await Durability(_live.Standing.Version), false);
        }

        RecordStatus status = (await HandIn(change, 0, 0).Receipt).Status;
        return new(status, moved && status == RecordStatus.Durable);
    }

    public async ValueTask<ReconsiderReceipt> ReconsiderDue(long version) =>
        _live.Standing.Version > version
            ? new(await Durability(_live.Standing.Version), false)
            : await Reconsider(ReconsiderReason.Time);

    public async ValueTask<CustomerView?> View()
    {
        (CustomerRecord? record, LiveModel model) = await Refresh();
        return record is null ? null : CustomerViews.Of(CustomerId, record, model, services);
    }

    public async ValueTask<CustomerExplanation?> Explain()
    {
        (CustomerRecord? record, LiveModel model) = await Refresh();
        if (record is null)
        {
            return null;
        }

        IReadOnlyList<Transition> last = await services.Store.ReadHistoryAsync(CustomerId, 1, CancellationToken.None);
        return CustomerExplanations.Of(CustomerId, record, model, services, last.Count == 0 ? null : TransitionViews.Of(last[0]));
    }

    public async ValueTask<TransitionView[]> History(int limit)
    {
        IReadOnlyList<Transition> transitions = await services.Store.ReadHistoryAsync(CustomerId, limit, CancellationToken.None);
        return [.. transitions.Select(TransitionViews.Of)];
    }

    private string CustomerId => CustomerKey.CustomerIdOf(this.GetPrimaryKeyString());

    /// <summary>
    /// Brings the customer to the present before it answers, so that an answer never names an outdated segment, and waits until what it
    /// answers is in the store. Whatever is awaited, a model may be published meanwhile; the answer is given under the model that the record was
    /// just compared with.
    /// </summary>
    private async ValueTask<(CustomerRecord? Durable, LiveModel Model)> Refresh()
    {
        for (int attempt = 0; attempt < RefreshAttemptsMax && !_live.IsStale; attempt++)
        {
            LiveModel model = services.Models.Current;
            if (_live.Copy(services.States) is not { } record)
            {
                return (null, model);
            }

            var placement = services.Evaluator.Place(model, record, record.State, services.Clock.GetUtcNow().ToUnixTimeMilliseconds());
            if (placement.SegmentId != record.SegmentId)
            {
                bool byModel = record.ModelVersion < model.Version && !model.RolloutComplete;
                await Reconsider(byModel ? ReconsiderReason.Model : ReconsiderReason.Time);
            }
            else if (await Durability(record.Version) == RecordStatus.Durable && services.Models.Current == model)
            {
                return (record, model);
            }
        }

        // What this activation holds is not what the store has, or it changes faster than it can be asked.
        return (await services.Store.ReadAsync(CustomerId, CancellationToken.None), services.Models.Current);
    }

    private CustomerChange Change(byte[] state, TransitionCause cause, out bool moved) =>
        CustomerChanges.Of(CustomerId, _live.Standing, _live.State(services.States), state, cause, services, out moved);

    private PendingRecord HandIn(CustomerChange change, int applied, int duplicates)
    {
        CustomerRecord record = change.Record;
        var pending = new PendingRecord(this, record.Version, record.ModelVersion, applied, duplicates);
        lock (this)
        {
            _live.HandIn(services.States, record);
        }

        services.Store.Commit(change, pending);
        return pending;
    }

    /// <summary>Takes in what became of a commit. Runs on the store's thread, for the commits of this customer one after the other.</summary>
    internal void Take(long version, CommitOutcome outcome)
    {
        TaskCompletionSource? waiting;
        lock (this)
        {
            waiting = _live.Take(version, outcome);
        }

        waiting?.SetResult();
        if (outcome == CommitOutcome.Committed)
        {
            Join();
        }
        else
        {
            // What this activation holds is ahead of the store or behind it; the next one reads the store. This is no turn, and it may be gone already.
            GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "The store refused a change."));
        }
    }

    /// <summary>
    /// Answers the caller. A model that was published while the change was on its way would otherwise miss this customer, because the sweep saw
    /// the old record; so the customer is evaluated again first, in a turn of its own.
    /// </summary>
    internal void Answer(PendingRecord pending, CommitOutcome outcome)
    {
        bool isBehind = outcome == CommitOutcome.Committed
            && services.Models.Current.Version != pending.ModelVersion
            && _live.IsNewest(pending.Version);
        if (isBehind)
        {
            _ = FollowModel(pending);
        }
        else
        {
            pending.Complete(LiveCustomerState.StatusOf(outcome));
        }
    }

    private async Task FollowModel(PendingRecord pending)
    {
        // Elsewhere than on the commit thread, which waits for nobody.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        RecordStatus status = RecordStatus.Unavailable;
        try
        {
            var self = GrainFactory.GetGrain<ICustomerGrain>(this.GetPrimaryKeyString());
            status = (await self.Reconsider(ReconsiderReason.Model).ConfigureAwait(false)).Status;
        }
        finally
        {
            pending.Complete(status);
        }
    }

    /// <summary>A customer is one of the population from its first commit on.</summary>
    private void Join()
    {
        if (Volatile.Read(ref _row) == Populations.Population.NoRow)
        {
            int row = services.Population.Add(this.GetPrimaryKeyString(), this);
            if (Interlocked.CompareExchange(ref _row, row, Populations.Population.NoRow) != Populations.Population.NoRow)
            {
                services.Population.Remove(row);
            }
        }
    }

    /// <summary>The first copies of repeated events may still be on their way to the store; a repeat is acknowledged no sooner than they are.</summary>
    private async ValueTask<RecordReceipt> Repeat(int duplicates)
    {
        RecordStatus status = await Durability(_live.Standing.Version);
        return new(status, 0, status == RecordStatus.Durable ? duplicates : 0);
    }

    /// <summary>Waits until a version is in the store, or will never be.</summary>
    private async ValueTask<RecordStatus> Durability(long version)
    {
        while (true)
        {
            Task? end = NextEnd(out LiveCustomerState.Ends ends);
            if (ends.Through >= version)
            {
                return RecordStatus.Durable;
            }

            if (end is null || ends.Refusal is not null)
            {
                return ends.Refusal ?? RecordStatus.Conflict;
            }

            await end;
        }
    }

    /// <summary>Completes when the next commit of this customer ends; null when none is on its way.</summary>
    private Task? NextEnd(out LiveCustomerState.Ends ends)
    {
        lock (this)
        {
            return _live.NextEnd(out ends);
        }
    }
}
