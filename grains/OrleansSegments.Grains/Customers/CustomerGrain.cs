using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Grains.Changes;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Owns one customer: its features and its segment. Key: the customer id, prefixed. A crash loses nothing acknowledged: the store has it.
/// Facts come by the mailbox or by the <see cref="DirectDoor"/>, so turns and other threads are here at once. The invariant: whatever reads or changes
/// <see cref="_live"/> does so in one step under the lock of this object, never across an await; in the same step a change is handed to the
/// store, so that the store gets the changes of a customer in the order of their versions, and refuses everything after one that it refused.
/// </summary>
public sealed class CustomerGrain(CustomerServices services) : Grain, ICustomerGrain
{
    private LiveCustomerState _live = new();
    private string _customerId = "";
    private DoorUse _use = new();
    private bool _isCounted;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _customerId = CustomerKey.CustomerIdOf(this.GetPrimaryKeyString());
        if (await services.Store.ReadAsync(_customerId, cancellationToken) is { } record)
        {
            lock (this)
            {
                _live.Load(services.States, record);
            }
        }

        services.Door.Enter(_customerId, this);
    }

    /// <summary>The next activation reads the store, so it must not begin before this one's commits have ended.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Door.Leave(_customerId, this);
        lock (this)
        {
            _live.BeginClosing();
        }

        try
        {
            while (NextEnd(out _) is { } end)
            {
                await end.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            lock (this)
            {
                _live.Close(services.States);
            }
        }
    }

    /// <summary>The size of the encoded state, as a hint that any thread may read.</summary>
    internal int StateBytes => _live.StateBytes;

    /// <summary>Asks the memory for the encoded state, soon to be needed; any thread may.</summary>
    internal int FetchState() => _live.Fetch(services.States);

    public ValueTask<RecordReceipt> Record(RecordRequest request)
    {
        CountActivation(ActivationCause.Event);
        return TryRecord(request, _use.ToldAt, out ValueTask<RecordReceipt> receipt) ? receipt : new(new RecordReceipt(RecordStatus.Conflict, 0, 0));
    }

    public async ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason)
    {
        CountActivation(ActivationCause.Conflict);
        return await TryReconsider(reason) ?? new ReconsiderReceipt(RecordStatus.Conflict, false);
    }

    public async ValueTask<CustomerView?> View()
    {
        CountActivation(ActivationCause.Query);
        (CustomerRecord? record, LiveModel model) = await this.RefreshAsync(services, _customerId);
        return record is null ? null
            : record.IsInPopulation ? CustomerViews.Of(_customerId, record, model, services)
            : this.OwnerOf(record) is { } owner ? await owner.View() : null;
    }

    public async ValueTask<CustomerExplanation?> Explain()
    {
        CountActivation(ActivationCause.Query);
        (CustomerRecord? record, LiveModel model) = await this.RefreshAsync(services, _customerId);
        return record is null ? null
            : record.IsInPopulation ? await CustomerExplanations.ReadAsync(_customerId, record, model, services)
            : this.OwnerOf(record) is { } owner ? await owner.Explain() : null;
    }

    public async ValueTask<TransitionView[]> History(int limit)
    {
        CountActivation(ActivationCause.Query);
        IReadOnlyList<Transition> transitions = await services.Store.ReadHistoryAsync(_customerId, limit, CancellationToken.None);
        return [.. transitions.Select(TransitionViews.Of)];
    }

    public ValueTask<HandOverReceipt> HandOver(HandOverRequest request) => this.HandOverAsync(_customerId, request);

    public ValueTask<MergedInto?> MergedInto() => this.ReadMergedAsync();

    public ValueTask<UnmergeStatus> Unmerge(string aliasId) => this.UnmergeAsync(services, _customerId, aliasId);

    public ValueTask<RecordStatus> TakeBack() => this.TakeBackAsync();

    /// <summary>Takes facts in; any thread may call. False when this activation is closing or stale: then another one must be asked.</summary>
    /// <param name="timestamp">Of <see cref="System.Diagnostics.Stopwatch"/>, a moment ago.</param>
    internal bool TryRecord(RecordRequest request, long timestamp, out ValueTask<RecordReceipt> receipt)
    {
        if (request.CatalogueHash != services.Evaluator.Features.Catalogue.Hash)
        {
            receipt = new(new RecordReceipt(RecordStatus.CatalogueMismatch, 0, 0));
            return true;
        }

        MessageWindow window = services.Messages.Window(services.Clock);
        ulong[] uncertain;
        string[] aliases;
        long begunAt;
        lock (this)
        {
            if (_live.IsStale)
            {
                receipt = default;
                return false;
            }

            if (_live.Standing.IsOutside && !MergeState.IsReleased(_live.State(services.States)))
            {
                receipt = new(new RecordReceipt(RecordStatus.MergedAway, 0, 0));
                return true;
            }

            if (_use.MustTell(timestamp))
            {
                // In a turn, because the collector takes orders nowhere else.
                GrainContext.Scheduler.QueueAction(() => DelayDeactivation(DoorUse.KeepFor));
            }

            uncertain = FindUncertain(request, window);
            if (uncertain.Length == 0)
            {
                receipt = Apply(request, window, []);
                return true;
            }

            begunAt = _live.BeginLookUp();
            aliases = MergeState.SpilledAliases(Features);
        }

        receipt = this.RecordAfterLookUp(services, _customerId, aliases, request, window, uncertain, begunAt);
        return true;
    }

    /// <summary>Takes facts in after a look-up; whatever was spilled since it began is known here.</summary>
    /// <param name="found">Of the messages that were uncertain then those that are repeats; null when the store could not be asked.</param>
    internal ValueTask<RecordReceipt> Record(RecordRequest request, MessageWindow window, IReadOnlyList<ulong>? found, long begunAt)
    {
        lock (this)
        {
            ValueTask<RecordReceipt> receipt = found is null || _live.IsStale
                ? new(new RecordReceipt(found is null ? RecordStatus.Unavailable : RecordStatus.Conflict, 0, 0))
                : Apply(request, window, [.. FindUncertain(request, window).Where(key => found.Contains(key) || _live.HasSpilled(key))]);
            _live.EndLookUp(begunAt);
            return receipt;
        }
    }

    /// <summary>
    /// Evaluates the customer now; any thread may call. Null when this activation is closing or stale: then another one must be asked.
    /// </summary>
    /// <param name="dueVersion">The record whose time has come; one that is newer was evaluated since and stays as it is.</param>
    internal async ValueTask<ReconsiderReceipt?> TryReconsider(ReconsiderReason reason, long dueVersion = long.MaxValue)
    {
        if (reason == ReconsiderReason.Time)
        {
            await this.SettleAsync(services, _customerId);
        }

        PendingRecord? pending = null;
        bool moved = false;
        long version;
        lock (this)
        {
            if (_live.IsStale)
            {
                return null;
            }

            version = _live.Standing.Version;
            bool isEvaluated = !_live.Standing.Exists || _live.Standing.IsOutside || version > dueVersion;
            if (!isEvaluated)
            {
                var cause = reason == ReconsiderReason.Time ? TransitionCause.Time : TransitionCause.Model;
                CustomerChange change = Change(_live.State(services.States).ToArray(), cause, out moved);
                if (moved || reason == ReconsiderReason.Time)
                {
                    pending = HandIn(change, 0, 0);
                }
            }
        }

        RecordStatus status = pending is null ? await this.DurabilityAsync(version) : (await pending.Receipt).Status;
        return new ReconsiderReceipt(status, moved && status == RecordStatus.Durable);
    }

    /// <summary>
    /// Makes a change that is not made of events, and completes when it is durable, or when there was nothing to change and all earlier changes are. Any
    /// thread may call. Conflict when this activation is closing or stale.
    /// </summary>
    internal async ValueTask<RecordStatus> TryChange(StateDecision decide)
    {
        PendingRecord? pending = null;
        long version;
        lock (this)
        {
            if (_live.IsStale)
            {
                return RecordStatus.Conflict;
            }

            CustomerStanding standing = _live.Standing;
            version = standing.Version;
            if (decide(in standing, _live.State(services.States)) is { } change)
            {
                pending = HandIn(
                    change.IsOutside
                        ? CustomerChanges.Outside(_customerId, in standing, change, services)
                        : Change(change.State, change.Cause, out _).Spilling(change.Spilled),
                    0,
                    0);
            }
        }

        return pending is null ? await this.DurabilityAsync(version) : (await pending.Receipt).Status;
    }

    /// <summary>The store has a newer record than this activation, written from another place: the next call must read it. Any thread may call.</summary>
    internal void Overtake(long version)
    {
        lock (this)
        {
            if (_live.IsStale || _live.Standing.Version >= version)
            {
                return;
            }

            _live.BeginClosing();
        }

        EndActivation("The store has a newer record.");
    }

    /// <summary>A copy of the record with all changes, null without one; false when this activation is closing or stale.</summary>
    internal bool TryCopy(out CustomerRecord? record)
    {
        lock (this)
        {
            record = _live.IsStale ? null : _live.Copy(services.States);
            return !_live.IsStale;
        }
    }

    private ulong[] FindUncertain(RecordRequest request, MessageWindow window) =>
        services.Evaluator.Features.FindUncertain(Features, request.Facts, window.NowMinutes);

    /// <summary>The features with all changes; empty for an id that an undone merge left without any.</summary>
    private ReadOnlySpan<byte> Features => _live.Standing.IsOutside ? [] : _live.State(services.States);

    /// <summary>Applies facts under the lock that the caller holds.</summary>
    private ValueTask<RecordReceipt> Apply(RecordRequest request, MessageWindow window, ReadOnlySpan<ulong> known)
    {
        AppliedFacts facts = services.Evaluator.Features.Apply(Features, request.Facts, window, known);
        byte[] state = request.Aliases is null ? facts.State : MergeState.Claim(_customerId, facts.State, request.Aliases, services);
        ValueTask<RecordReceipt> receipt = facts.Applied == 0 && state == facts.State
            ? this.RepeatAsync(_live.Standing.Version, facts.Duplicates)
            : HandIn(Change(state, TransitionCause.Event, out _).Spilling(facts.Spilled), facts.Applied, facts.Duplicates).Receipt;
        return request.Aliases is not null && AliasList.IsUnsettled(FeatureEngine.AliasesOf(state))
            ? this.SettleAfter(services, _customerId, receipt)
            : receipt;
    }

    /// <summary>Makes a change under the lock that the caller holds.</summary>
    private CustomerChange Change(byte[] state, TransitionCause cause, out bool moved) =>
        CustomerChanges.Of(_customerId, _live.Standing, _live.State(services.States), state, cause, services, out moved);

    /// <summary>Hands a change to the store under the lock that the caller holds.</summary>
    private PendingRecord HandIn(CustomerChange change, int applied, int duplicates)
    {
        CustomerRecord record = change.Record;
        var pending = new PendingRecord(this, record.Version, record.ModelVersion, applied, duplicates);
        _live.HandIn(services.States, change);
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
        if (outcome != CommitOutcome.Committed)
        {
            EndActivation("The store refused a change.");
        }
    }

    /// <summary>What this activation holds is ahead of the store or behind it; the next one reads the store. It may be gone already.</summary>
    private void EndActivation(string reason) =>
        GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, reason));

    /// <summary>Whether a model was published while this change, the newest, was on its way to the store; any thread may ask.</summary>
    internal bool IsBehindModel(long version, int modelVersion) => services.Models.Current.Version != modelVersion && _live.IsNewest(version);

    /// <summary>The same customer by its mailbox, whichever activation has it.</summary>
    internal ICustomerGrain ByMailbox() => ByMailbox(_customerId);

    /// <summary>Any customer by its mailbox; any thread may ask.</summary>
    internal ICustomerGrain ByMailbox(string customerId) => services.Grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId));

    /// <summary>Completes when the next commit of this customer ends; null when none is on its way.</summary>
    internal Task? NextEnd(out LiveCustomerState.Ends ends)
    {
        lock (this)
        {
            return _live.NextEnd(out ends);
        }
    }

    private void CountActivation(ActivationCause cause)
    {
        if (!_isCounted)
        {
            _isCounted = true;
            services.Metrics.Activated(cause);
        }
    }
}
