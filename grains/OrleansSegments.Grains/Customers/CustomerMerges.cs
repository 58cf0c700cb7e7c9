using System.Buffers;
using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Identity;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// One person once: makes an id the alias of a customer, and undoes it. Three commits, each of one customer, each repeatable: the owner notes the alias as
/// pending, in the commit of the event that named both ids; the alias leaves the population, points to its owner and keeps its features; the
/// owner adds them and notes the alias as merged. After a crash between any two, the owner is due at once (<see cref="CustomerChanges"/>), and the
/// <see cref="Deadlines.DeadlineScanner"/> has it go on. docs/decisions/0016-one-person-once.md says why.
/// </summary>
internal static class CustomerMerges
{
    /// <summary>Finishes merges that an answer's events began, before it is given. The merge goes on by itself when it cannot be finished now.</summary>
    public static async ValueTask<RecordReceipt> SettleAfter(
        this CustomerGrain grain, CustomerServices services, string customerId, ValueTask<RecordReceipt> recorded)
    {
        RecordReceipt receipt = await recorded.ConfigureAwait(false);
        if (receipt.Status == RecordStatus.Durable)
        {
            await grain.SettleAsync(services, customerId).ConfigureAwait(false);
        }

        return receipt;
    }

    /// <summary>Takes every merge, and every undoing of one, as far as it can go now.</summary>
    public static async ValueTask SettleAsync(this CustomerGrain grain, CustomerServices services, string customerId)
    {
        if (!grain.TryCopy(out CustomerRecord? record) || record is not { IsInPopulation: true })
        {
            return;
        }

        foreach (Alias alias in AliasList.Read(FeatureEngine.AliasesOf(record.State)))
        {
            try
            {
                if (alias.Phase == AliasPhase.Pending)
                {
                    await AbsorbAsync(grain, services, customerId, alias, record.State).ConfigureAwait(false);
                }
                else if (alias.Phase == AliasPhase.Parting
                    && await grain.ByMailbox(alias.Id).TakeBack().ConfigureAwait(false) == RecordStatus.Durable)
                {
                    await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
                        MergeState.Advance(services, in standing, state, alias.Id, AliasPhase.Parting, AliasPhase.Parted)).ConfigureAwait(false);
                }
            }
            catch (Exception problem) when (problem is OrleansException or TimeoutException)
            {
                // The silo of the other id is gone or busy; the deadline of this customer tries again.
            }
        }
    }

    /// <summary>Makes this id an alias of the owner. Two ids that become each other's alias at the same time settle on the smaller one.</summary>
    public static async ValueTask<HandOverReceipt> HandOverAsync(this CustomerGrain grain, string customerId, HandOverRequest request)
    {
        byte[] handedOver = [];
        bool isBusy = false;
        RecordStatus status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            var owner = new AliasOwner(request.OwnerId, request.SinceMilliseconds);
            if (standing.IsOutside && MergedAway.Read(state) is { Owners.Count: > 0 } known)
            {
                bool isPromised = known.OwnerOfState == request.OwnerId;
                MergedAway next = known.With(owner);
                if (!isPromised && request.OwnerAliases.Contains(known.OwnerOfState))
                {
                    // Promised to a customer that became the owner's alias before it could take the features.
                    isPromised = true;
                    next = next with { OwnerOfState = request.OwnerId, OwnerBefore = request.OwnerState };
                }

                handedOver = isPromised ? known.State : [];
                return next.OwnerOfState == known.OwnerOfState && next.Owners.SequenceEqual(known.Owners)
                    ? null
                    : new StateChange(next.Write(), TransitionCause.Merge, IsOutside: true);
            }

            bool hasFeatures = standing.Exists && !standing.IsOutside;
            isBusy = hasFeatures && AliasList.IsUnsettled(FeatureEngine.AliasesOf(state)) && CustomerIdOrder.Compare(request.OwnerId, customerId) > 0;
            if (isBusy)
            {
                return null;
            }

            handedOver = hasFeatures ? state.ToArray() : [];
            return new StateChange(
                new MergedAway([owner], request.OwnerId, handedOver, request.OwnerState).Write(), TransitionCause.Merge, IsOutside: true);
        });
        return new HandOverReceipt(isBusy && status == RecordStatus.Durable ? RecordStatus.Conflict : status, handedOver);
    }

    public static async ValueTask<MergedInto?> ReadMergedAsync(this CustomerGrain grain)
    {
        MergedAway? merged = null;
        await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            merged = standing.IsOutside ? MergedAway.Read(state) : null;
            return null;
        });
        return merged is not { Owners.Count: > 0 }
            ? null
            : new MergedInto([.. merged.Owners.Select(static owner => new AliasClaim(owner.Id, owner.SinceMilliseconds))], merged.State, merged.OwnerBefore);
    }

    /// <summary>The customer that an id outside the population leads to; null when it leads to nobody.</summary>
    public static ICustomerGrain? OwnerOf(this CustomerGrain grain, CustomerRecord record) =>
        MergedAway.Read(record.State) is { Owners: [.., var newest] } ? grain.ByMailbox(newest.Id) : null;

    public static async ValueTask<UnmergeStatus> UnmergeAsync(this CustomerGrain grain, CustomerServices services, string customerId, string aliasId)
    {
        MergedInto? merged = await grain.ByMailbox(aliasId).MergedInto();
        bool isAlias = false;
        RecordStatus status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            AliasPhase? phase = MergeState.PhaseOf(in standing, state, aliasId);
            isAlias = phase is AliasPhase.Merged or AliasPhase.Parting or AliasPhase.Parted;
            if (phase != AliasPhase.Merged || merged is null)
            {
                return null;
            }

            byte[] without = merged.State.Length == 0 ? state.ToArray() : services.Evaluator.Features.Unmerge(state, merged.State, merged.OwnerBefore);
            return MergeState.Advance(services, in standing, without, aliasId, AliasPhase.Merged, AliasPhase.Parting);
        });
        if (status != RecordStatus.Durable || !isAlias)
        {
            return status == RecordStatus.Durable ? UnmergeStatus.NotFound : UnmergeStatus.Later;
        }

        await grain.SettleAsync(services, customerId);
        return grain.TryCopy(out CustomerRecord? record) && record is not null
            && MergeState.PhaseOf(CustomerStanding.Of(record), record.State, aliasId) == AliasPhase.Parted
            ? UnmergeStatus.Done
            : UnmergeStatus.Later;
    }

    /// <summary>Gives this id its features back. Without any it is left to begin anew with its next event.</summary>
    public static ValueTask<RecordStatus> TakeBackAsync(this CustomerGrain grain) =>
        grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            if (!standing.IsOutside || MergedAway.Read(state) is not { Owners.Count: > 0 } merged)
            {
                return null;
            }

            return merged.State.Length > 0
                ? new StateChange(merged.State, TransitionCause.Merge)
                : new StateChange((merged with { Owners = [] }).Write(), TransitionCause.Merge, IsOutside: true);
        });

    private static async ValueTask AbsorbAsync(CustomerGrain grain, CustomerServices services, string customerId, Alias alias, byte[] ownState)
    {
        var request = new HandOverRequest(
            customerId, alias.SinceMilliseconds, ownState, [.. AliasList.Read(FeatureEngine.AliasesOf(ownState)).Select(static known => known.Id)]);
        HandOverReceipt receipt = await grain.ByMailbox(alias.Id).HandOver(request).ConfigureAwait(false);
        if (receipt.Status != RecordStatus.Durable)
        {
            return;
        }

        bool isAdded = false;
        RecordStatus status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            StateChange? change = MergeState.Absorb(services, in standing, state, customerId, alias.Id, receipt.State);
            isAdded = change is not null;
            return change;
        }).ConfigureAwait(false);
        if (isAdded && status == RecordStatus.Durable)
        {
            services.Metrics.Merged();
        }
    }
}

/// <summary>The steps of a merge on the state of one customer. Pure but for counting what is refused.</summary>
internal static class MergeState
{
    /// <summary>The state with what events claim of aliases, as pending merges; the same array when there is nothing new.</summary>
    public static byte[] Claim(string customerId, byte[] state, AliasClaim[] claims, CustomerServices services)
    {
        Alias[]? aliases = null;
        foreach (AliasClaim claim in claims)
        {
            if (claim.AliasId == customerId || AliasList.Holds(FeatureEngine.AliasesOf(state), claim.AliasId))
            {
                continue;
            }

            aliases ??= AliasList.Read(FeatureEngine.AliasesOf(state));
            if (aliases.Length >= AliasList.CountMax)
            {
                services.Metrics.MergeRefused("too_many_aliases");
                continue;
            }

            aliases = [.. aliases, new Alias(claim.AliasId, claim.SinceMilliseconds, AliasPhase.Pending)];
        }

        return aliases is null || aliases.Length == AliasList.Read(FeatureEngine.AliasesOf(state)).Length
            ? state
            : services.Evaluator.Features.WithAliases(state, AliasList.Write(aliases));
    }

    /// <summary>Adds what was handed over; null when another call has done so, or the owner has become an alias itself.</summary>
    public static StateChange? Absorb(
        CustomerServices services, in CustomerStanding standing, ReadOnlySpan<byte> state, string customerId, string aliasId, byte[] handedOver)
    {
        if (PhaseOf(in standing, state, aliasId) != AliasPhase.Pending)
        {
            return null;
        }

        FeatureEngine features = services.Evaluator.Features;
        AppliedFacts merged = handedOver.Length == 0
            ? new AppliedFacts(state.ToArray(), 0, 0, [])
            : features.Merge(state, handedOver, services.Messages.Window(services.Clock));
        Alias[] aliases = AliasList.Unite(
            AliasList.Read(FeatureEngine.AliasesOf(state)).Select(alias => alias.Id != aliasId
                ? alias
                : alias with { Phase = AliasPhase.Merged, HasState = handedOver.Length > 0, HasSpilled = handedOver.Length > 0 && FeatureEngine.HasSpilled(handedOver) }),
            AliasList.Read(FeatureEngine.AliasesOf(handedOver)),
            customerId);
        return new StateChange(features.WithAliases(merged.State, AliasList.Write(aliases)), TransitionCause.Event) { Spilled = merged.Spilled };
    }

    /// <summary>Takes an alias from one phase to the next; null when it is in another.</summary>
    public static StateChange? Advance(
        CustomerServices services, in CustomerStanding standing, ReadOnlySpan<byte> state, string aliasId, AliasPhase from, AliasPhase to)
    {
        if (PhaseOf(in standing, state, aliasId) != from)
        {
            return null;
        }

        byte[] aliases = AliasList.Write(
            AliasList.Read(FeatureEngine.AliasesOf(state)).Select(alias => alias.Id == aliasId ? alias with { Phase = to } : alias));
        return new StateChange(services.Evaluator.Features.WithAliases(state, aliases), TransitionCause.Merge);
    }

    public static AliasPhase? PhaseOf(in CustomerStanding standing, ReadOnlySpan<byte> state, string aliasId) => !standing.Exists || standing.IsOutside
        ? null
        : AliasList.Read(FeatureEngine.AliasesOf(state)).FirstOrDefault(alias => alias.Id == aliasId)?.Phase;

    /// <summary>True for an id that was an alias, is none any more, and has no features.</summary>
    public static bool IsReleased(ReadOnlySpan<byte> merged) => MergedAway.Read(merged).Owners.Count == 0;

    /// <summary>The aliases under which the store may hold messages of the customer.</summary>
    public static string[] SpilledAliases(ReadOnlySpan<byte> state) =>
        [.. AliasList.Read(FeatureEngine.AliasesOf(state)).Where(static alias => alias.HasSpilled).Select(static alias => alias.Id)];
}
