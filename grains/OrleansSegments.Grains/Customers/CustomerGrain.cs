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
/// Owns one customer: its features and its segment. Key: the customer id, prefixed. A crash loses nothing acknowledged: it is in the store.
/// Facts arrive through the mailbox or the <see cref="DirectDoor"/>, so grain turns and other threads run here concurrently. Invariant: all
/// reads and writes of <see cref="_live"/> happen under the lock of this object and never across an await. A change is handed to the store
/// under the same lock, so the store receives a customer's changes in the order of their versions, and rejects every change after a
/// rejected one.
/// </summary>
public sealed class CustomerGrain(CustomerServices services) : Grain, ICustomerGrain
{
    private static readonly RecordReceipt MergedAway = new(RecordStatus.MergedAway, 0, 0);
    private LiveCustomerState _live = new();
    private DoorUse _use = new();
    private bool _isCounted;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        CustomerId = CustomerKey.CustomerIdOf(this.GetPrimaryKeyString());
        if (await services.Store.ReadAsync(CustomerId, cancellationToken) is { } record)
        {
            lock (this)
            {
                _live.Load(services.States, record);
            }
        }

        services.Door.Enter(CustomerId, this);
    }

    /// <summary>The next activation reads the store, so it must not start before this one's commits have ended.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Door.Leave(CustomerId, this);
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

    /// <summary>What all customers of the silo share.</summary>
    internal CustomerServices Services => services;
    internal string CustomerId { get; private set; } = "";

    /// <summary>The size of the encoded state, as a hint that any thread may read.</summary>
    internal int StateBytes => _live.StateBytes;
    /// <summary>Prefetches the encoded state into the processor's cache; any thread may call.</summary>
    internal int FetchState() => _live.Fetch(services.States);

    public ValueTask<RecordReceipt> Record(RecordRequest request)
    {
        CountActivation(ActivationCause.Event);
        return TryRecord(request, _use.ToldAt, out ValueTask<RecordReceipt> receipt) ? receipt : new(new RecordReceipt(RecordStatus.Conflict, 0, 0));
    }

    public async ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason)
    {
        CountActivation(ActivationCause.Conflict);
        return await this.TryReconsider(reason) ?? new ReconsiderReceipt(RecordStatus.Conflict, false);
    }

    public ValueTask<CustomerView?> View()
    {
        CountActivation(ActivationCause.Query);
        return this.ViewAsync();
    }

    public ValueTask<CustomerExplanation?> Explain()
    {
        CountActivation(ActivationCause.Query);
        return this.ExplainAsync();
    }

    public ValueTask<TransitionView[]> History(int limit)
    {
        CountActivation(ActivationCause.Query);
        return services.HistoryAsync(CustomerId, limit);
    }

    public ValueTask<HandOverReceipt> HandOver(HandOverRequest request) => this.HandOverAsync(request);
    public ValueTask<MergedInto?> MergedInto() => this.ReadMergedAsync();
    public ValueTask<UnmergeStatus> Unmerge(string aliasId) => this.UnmergeAsync(aliasId);
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

            if (_live.IsMergedAway(services.States))
            {
                receipt = new(MergedAway);
                return true;
            }

            if (_use.MustTell(timestamp))
            {
                // DelayDeactivation may only be called within a turn of the grain.
                GrainContext.Scheduler.QueueAction(() => DelayDeactivation(DoorUse.KeepFor));
            }

            uncertain = FindUncertain(request, window);
            aliases = uncertain.Length == 0 ? [] : MergeState.SpilledAliases(_live.Features(services.States));
            if (aliases.Length == 0 && (uncertain.Length == 0 || _live.KnowsAllSpilled))
            {
                receipt = Apply(request, window, FindSpilled(uncertain, window.NowMinutes));
                return true;
            }

            begunAt = _live.BeginLookUp();
        }

        receipt = this.RecordAfterLookUp(aliases, request, window, uncertain, begunAt);
        return true;
    }

    /// <summary>Records facts after a look-up; messages spilled since its start are known to this activation.</summary>
    /// <param name="found">The uncertain messages that are repeats; null when the store was unavailable.</param>
    internal ValueTask<RecordReceipt> Record(RecordRequest request, MessageWindow window, IReadOnlyList<ulong>? found, long begunAt)
    {
        lock (this)
        {
            ValueTask<RecordReceipt> receipt = found is null || _live.IsStale
                ? new(new RecordReceipt(found is null ? RecordStatus.Unavailable : RecordStatus.Conflict, 0, 0))
                : _live.IsMergedAway(services.States) ? new(MergedAway)
                : Apply(request, window, [.. FindSpilled(FindUncertain(request, window), window.NowMinutes), .. found]);
            _live.EndLookUp(begunAt);
            return receipt;
        }
    }

    /// <summary>
    /// Makes a change that is not made of events; any thread may call. Completes when it, or without one all earlier changes, are durable; null when stale.
    /// </summary>
    internal async ValueTask<RecordStatus?> TryChange(ChangeDecision decide)
    {
        PendingRecord? pending;
        long version;
        lock (this)
        {
            if (_live.IsStale)
            {
                return null;
            }

            CustomerStanding standing = _live.Standing;
            version = standing.Version;
            pending = decide(in standing, _live.State(services.States)) is { } change ? HandIn(change, 0, 0) : null;
        }

        return pending is null ? await this.DurabilityAsync(version) : (await pending.Receipt).Status;
    }

    /// <summary>Retires this activation because the store has a newer record, written elsewhere; the next call reads it. Any thread may call.</summary>
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

    /// <summary>Copies the record with all changes, null without one; returns false when this activation is closing or stale.</summary>
    internal bool TryCopy(out CustomerRecord? record)
    {
        lock (this)
        {
            record = _live.IsStale ? null : _live.Copy(services.States);
            return !_live.IsStale;
        }
    }

    private ulong[] FindUncertain(RecordRequest request, MessageWindow window) =>
        services.Evaluator.Features.FindUncertain(_live.Features(services.States), request.Facts, window.NowMinutes);

    private ulong[] FindSpilled(ulong[] uncertain, uint nowMinutes) =>
        uncertain.Length == 0 ? uncertain : Array.FindAll(uncertain, key => _live.HasSpilled(key, nowMinutes));

    /// <summary>Applies facts; the caller holds the lock.</summary>
    private ValueTask<RecordReceipt> Apply(RecordRequest request, MessageWindow window, ReadOnlySpan<ulong> known)
    {
        AppliedFacts facts = services.Evaluator.Features.Apply(_live.Features(services.States), request.Facts, window, known);
        services.Reporter.Ignore(IgnoredReason.TooManyTraits, "traits", facts.TraitsDropped);
        byte[] state = request.Aliases is null ? facts.State : MergeState.Claim(CustomerId, facts.State, request.Aliases, services);
        ValueTask<RecordReceipt> receipt = facts.Applied == 0 && state == facts.State
            ? this.RepeatAsync(_live.Standing.Version, facts.Duplicates)
            : HandIn(
                CustomerChanges.Of(CustomerId, _live.Standing, _live.State(services.States), state, TransitionCause.Event, services, out _).Spilling(facts.Spilled),
                facts.Applied,
                facts.Duplicates).Receipt;
        return request.Aliases is not null && AliasList.IsUnsettled(FeatureEngine.AliasesOf(state))
            ? this.SettleAfter(receipt)
            : receipt;
    }

    /// <summary>Hands a change to the store under the lock that the caller holds.</summary>
    private PendingRecord HandIn(CustomerChange change, int applied, int duplicates)
    {
        CustomerRecord record = change.Record;
        var pending = new PendingRecord(this, record.Version, record.ModelVersion, applied, duplicates);
        _live.HandIn(services.States, change);
        services.Store.Commit(change, pending);
        return pending;
    }

    /// <summary>Takes the outcome of a commit. Runs on the store's thread, for one commit of this customer at a time.</summary>
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

    /// <summary>
    /// Deactivates this activation because it differs from the store; the next one reads the store. It may already be gone.
    /// </summary>
    private void EndActivation(string reason) =>
        GrainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, reason));

    /// <summary>True when a model was published while this change, still the newest, was pending; any thread may call.</summary>
    internal bool IsBehindModel(long version, int modelVersion) => services.Models.Current.Version != modelVersion && _live.IsNewest(version);

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
