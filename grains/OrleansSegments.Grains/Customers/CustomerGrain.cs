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
/// All methods interleave. The invariant across every await: <see cref="_current"/> is replaced in one step before the await, each change is
/// handed to the store in the order of its version, and the store refuses everything after a change it refused. The store's commit thread
/// writes <see cref="_durable"/>, <see cref="_row"/> and <see cref="_stale"/>, one commit after the other; turns only read them.
/// </summary>
public sealed class CustomerGrain(CustomerServices services) : Grain, ICustomerGrain, ILiveRecord
{
    /// <summary>How often an answer waits for what changed while it waited.</summary>
    private const int RefreshAttemptsMax = 8;

    private CustomerRecord? _current;
    private volatile CustomerRecord? _durable;
    private volatile PendingRecord? _pending;
    private int _row = Populations.Population.NoRow;
    private volatile bool _stale;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _durable = _current = await services.Store.ReadAsync(CustomerId, cancellationToken);
        if (_durable is not null)
        {
            _row = services.Population.Add(this.GetPrimaryKeyString(), this);
        }
    }

    /// <summary>The next activation reads the store, so it must not begin before this one's commits have ended.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        try
        {
            while (_pending is { } pending)
            {
                await pending.WhenEnded().WaitAsync(cancellationToken);
                Forget(pending);
            }
        }
        finally
        {
            services.Population.Remove(Interlocked.Exchange(ref _row, Populations.Population.ClosedRow));
        }
    }

    CustomerRecord? ILiveRecord.Durable => _durable;

    public ValueTask<RecordReceipt> Record(RecordRequest request)
    {
        if (request.CatalogueHash != services.Evaluator.Features.Catalogue.Hash)
        {
            return new(new RecordReceipt(RecordStatus.CatalogueMismatch, 0, 0));
        }

        if (_stale)
        {
            return new(new RecordReceipt(RecordStatus.Conflict, 0, 0));
        }

        byte[] state = services.Evaluator.Features.Apply(_current?.State, request.Facts, out int applied, out int duplicates);
        if (applied == 0)
        {
            return Repeat(duplicates);
        }

        return HandIn(Change(state, TransitionCause.Event, out _), applied, duplicates).Receipt;
    }

    public async ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason)
    {
        if (_stale || _current is null)
        {
            return new(_stale ? RecordStatus.Conflict : RecordStatus.Durable, false);
        }

        var cause = reason == ReconsiderReason.Time ? TransitionCause.Time : TransitionCause.Model;
        CustomerChange change = Change(_current.State, cause, out bool moved);
        if (!moved && reason == ReconsiderReason.Model)
        {
            return new(await PendingStatus(), false);
        }

        RecordStatus status = (await HandIn(change, 0, 0).Receipt).Status;
        return new(status, moved && status == RecordStatus.Durable);
    }

    public async ValueTask<ReconsiderReceipt> ReconsiderDue(long version) =>
        _current?.Version > version ? new(await PendingStatus(), false) : await Reconsider(ReconsiderReason.Time);

    public async ValueTask<CustomerView?> View()
    {
        LiveModel model = await Refresh();
        return _durable is { } record ? CustomerViews.Of(CustomerId, record, model, services) : null;
    }

    public async ValueTask<CustomerExplanation?> Explain()
    {
        LiveModel model = await Refresh();
        if (_durable is not { } record)
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
    /// Brings the customer to the present before it answers, so that an answer never names an outdated segment. Whatever is awaited, a model
    /// may be published meanwhile; the answer is given under the model that the durable record was just compared with.
    /// </summary>
    private async ValueTask<LiveModel> Refresh()
    {
        for (int attempt = 0; attempt < RefreshAttemptsMax; attempt++)
        {
            LiveModel model = services.Models.Current;
            if (_stale || _current is not { } record)
            {
                return model;
            }

            var placement = services.Evaluator.Place(model, record, record.State, services.Clock.GetUtcNow().ToUnixTimeMilliseconds());
            if (placement.SegmentId != record.SegmentId)
            {
                bool byModel = record.ModelVersion < model.Version && !model.RolloutComplete;
                await Reconsider(byModel ? ReconsiderReason.Model : ReconsiderReason.Time);
            }
            else if (_pending is null)
            {
                return model;
            }
            else
            {
                await PendingStatus();
            }
        }

        return services.Models.Current;
    }

    private CustomerChange Change(byte[] state, TransitionCause cause, out bool moved)
    {
        LiveModel model = services.Models.Current;
        long now = services.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        CustomerPlacement placement = services.Evaluator.Place(model, _current, state, now);
        long? dueAt = services.Evaluator.LookAgainAt(model, placement, state, now);
        moved = _current is null || _current.SegmentId != placement.SegmentId;
        bool byModel = moved && _current is not null && cause == TransitionCause.Event
            && _current.ModelVersion < model.Version && !model.RolloutComplete;
        var record = new CustomerRecord(
            (_current?.Version ?? 0) + 1,
            placement.SegmentId,
            model.Version,
            moved ? now : _current!.SegmentSinceMilliseconds,
            placement.SettledSegmentId,
            placement.SettledHour,
            state);
        return new CustomerChange(CustomerId, _current?.SegmentId, record, dueAt, byModel ? TransitionCause.Model : cause, now);
    }

    private PendingRecord HandIn(CustomerChange change, int applied, int duplicates)
    {
        var pending = new PendingRecord(this, _pending, change.Record, applied, duplicates);
        _current = change.Record;
        _pending = pending;
        services.Store.Commit(change, pending);
        return pending;
    }

    /// <summary>Takes in what became of a commit. Runs on the store's thread, for the commits of this customer one after the other.</summary>
    internal void Take(CustomerRecord record, CommitOutcome outcome)
    {
        if (outcome == CommitOutcome.Committed)
        {
            Keep(record);
        }
        else
        {
            Abandon();
        }
    }

    /// <summary>A commit has ended. What was handed in before it may still be on its way, when this one was refused at once.</summary>
    internal void Forget(PendingRecord pending)
    {
        PendingRecord? ended = pending;
        while (ended is { HasEnded: true })
        {
            PendingRecord? before = ended.StillBefore;
            if (Interlocked.CompareExchange(ref _pending, before, ended) != ended)
            {
                return;
            }

            // It may have ended in between, when it found another in its place and left it there.
            ended = before;
        }
    }

    /// <summary>
    /// Answers the caller. A model that was published while the change was on its way would otherwise miss this customer, because the sweep saw
    /// the old record; so the customer is evaluated again first, in a turn of its own.
    /// </summary>
    internal void Answer(PendingRecord pending, CommitOutcome outcome)
    {
        bool isBehind = outcome == CommitOutcome.Committed
            && services.Models.Current.Version != pending.Record.ModelVersion
            && ReferenceEquals(_current, pending.Record);
        if (isBehind)
        {
            _ = FollowModel(pending);
        }
        else
        {
            pending.Complete(StatusOf(outcome));
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

    private void Keep(CustomerRecord record)
    {
        if (_durable is { } durable && durable.Version >= record.Version)
        {
            return;
        }

        _durable = record;
        if (Volatile.Read(ref _row) == Populations.Population.NoRow)
        {
            int row = services.Population.Add(this.GetPrimaryKeyString(), this);
            if (Interlocked.CompareExchange(ref _row, row, Populations.Population.NoRow) != Populations.Population.NoRow)
            {
                services.Population.Remove(row);
            }
        }
    }

    /// <summary>What this activation holds is ahead of the store or behind it; the next call starts from what the store has.</summary>
    private void Abandon()
    {
        _stale = true;
        DeactivateOnIdle();
    }

    /// <summary>The first copies of repeated events may still be on their way to the store; a repeat is acknowledged no sooner than they are.</summary>
    private async ValueTask<RecordReceipt> Repeat(int duplicates)
    {
        RecordStatus status = await PendingStatus();
        return new(status, 0, status == RecordStatus.Durable ? duplicates : 0);
    }

    private async ValueTask<RecordStatus> PendingStatus() =>
        _pending is { } pending ? StatusOf(await pending.WhenEnded()) : _stale ? RecordStatus.Conflict : RecordStatus.Durable;

    private static RecordStatus StatusOf(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Committed => RecordStatus.Durable,
        CommitOutcome.Conflict => RecordStatus.Conflict,
        CommitOutcome.Overloaded => RecordStatus.Overloaded,
        _ => RecordStatus.Unavailable,
    };
}
