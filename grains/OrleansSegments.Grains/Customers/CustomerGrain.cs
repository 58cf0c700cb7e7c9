using Orleans;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Changes;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Owns one customer: its features and its segment. Key: the customer id, prefixed. A crash loses nothing acknowledged: the store has it.
/// All methods interleave. The invariant across every await: <see cref="_current"/> is replaced in one step before the await, each change is
/// handed to the store in the order of its version, and the store refuses everything after a change it refused.
/// </summary>
public sealed class CustomerGrain(CustomerServices services) : Grain, ICustomerGrain
{
    /// <summary>How often an answer waits for what changed while it waited.</summary>
    private const int RefreshAttemptsMax = 8;

    private CustomerRecord? _current;
    private CustomerRecord? _durable;
    private Task<CommitOutcome>? _pending;
    private int _row = Populations.Population.NoRow;
    private bool _stale;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _durable = _current = await services.Store.ReadAsync(CustomerId, cancellationToken);
        if (_durable is not null)
        {
            _row = services.Population.Add(this.GetPrimaryKeyString(), _durable);
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Population.Remove(_row);
        return Task.CompletedTask;
    }

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

        CustomerChange change = Change(state, TransitionCause.Event, out _);
        return Finish(Commit(change), applied, duplicates);
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

        RecordStatus status = await Commit(change);
        return new(status, moved && status == RecordStatus.Durable);
    }

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

    private async Task<RecordStatus> Commit(CustomerChange change)
    {
        _current = change.Record;
        Task<CommitOutcome> pending = services.Store.CommitAsync(change).AsTask();
        _pending = pending;
        CommitOutcome outcome = await pending;
        if (ReferenceEquals(_pending, pending))
        {
            _pending = null;
        }

        if (outcome != CommitOutcome.Committed)
        {
            Abandon();
            return StatusOf(outcome);
        }

        Keep(change.Record);
        return await FollowModel(change.Record);
    }

    /// <summary>A model that was published while the change was on its way would otherwise miss this customer: the sweep saw the old record.</summary>
    private async ValueTask<RecordStatus> FollowModel(CustomerRecord record)
    {
        if (services.Models.Current.Version == record.ModelVersion || !ReferenceEquals(_current, record))
        {
            return RecordStatus.Durable;
        }

        return (await Reconsider(ReconsiderReason.Model)).Status;
    }

    private void Keep(CustomerRecord record)
    {
        if (_durable is not null && _durable.Version >= record.Version)
        {
            return;
        }

        _durable = record;
        if (_row == Populations.Population.NoRow)
        {
            _row = services.Population.Add(this.GetPrimaryKeyString(), record);
        }
        else
        {
            services.Population.Set(_row, record);
        }
    }

    /// <summary>What this activation holds is ahead of the store or behind it; the next call starts from what the store has.</summary>
    private void Abandon()
    {
        _stale = true;
        DeactivateOnIdle();
    }

    private static async ValueTask<RecordReceipt> Finish(Task<RecordStatus> commit, int applied, int duplicates)
    {
        RecordStatus status = await commit;
        return status == RecordStatus.Durable ? new(status, applied, duplicates) : new(status, 0, 0);
    }

    /// <summary>The first copies of repeated events may still be on their way to the store; a repeat is acknowledged no sooner than they are.</summary>
    private async ValueTask<RecordReceipt> Repeat(int duplicates)
    {
        RecordStatus status = await PendingStatus();
        return new(status, 0, status == RecordStatus.Durable ? duplicates : 0);
    }

    private async ValueTask<RecordStatus> PendingStatus() =>
        _pending is { } pending ? StatusOf(await pending) : _stale ? RecordStatus.Conflict : RecordStatus.Durable;

    private static RecordStatus StatusOf(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Committed => RecordStatus.Durable,
        CommitOutcome.Conflict => RecordStatus.Conflict,
        CommitOutcome.Overloaded => RecordStatus.Overloaded,
        _ => RecordStatus.Unavailable,
    };
}
