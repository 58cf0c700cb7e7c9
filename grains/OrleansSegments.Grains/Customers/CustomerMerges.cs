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
        this CustomerGrain grain, ValueTask<RecordReceipt> recorded)
    {
        RecordReceipt receipt = await recorded.ConfigureAwait(false);
        if (receipt.Status == RecordStatus.Durable)
        {
            await grain.SettleAsync().ConfigureAwait(false);
        }

        return receipt;
    }

    /// <summary>Takes every merge, and every undoing of one, as far as it can go now.</summary>
    public static async ValueTask SettleAsync(this CustomerGrain grain)
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
                    await AbsorbAsync(grain, alias, record.State).ConfigureAwait(false);
                }
                else if (alias.Phase == AliasPhase.Parting
                    && await grain.Services.ByMailbox(alias.Id).TakeBack().ConfigureAwait(false) == RecordStatus.Durable)
                {
                    await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
                        MergeState.Advance(grain.Services, grain.CustomerId, in standing, state, state, alias.Id, AliasPhase.Parting, AliasPhase.Parted)).ConfigureAwait(false);
                }
            }
            catch (Exception problem) when (problem is OrleansException or TimeoutException or StateLayoutException)
            {
                // The silo of the other id is gone or busy, or has other features; the deadline of this customer tries again.
            }
        }
    }

    /// <summary>Makes this id an alias of the owner. Two ids that become each other's alias at the same time settle on the smaller one.</summary>
    public static async ValueTask<HandOverReceipt> HandOverAsync(
        this CustomerGrain grain, HandOverRequest request)
    {
        byte[] handedOver = [];
        bool isBusy = false;
        RecordStatus? status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
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
                    : CustomerChanges.Outside(grain.CustomerId, in standing, state, next.Write(), TransitionCause.Merge, grain.Services);
            }

            bool hasFeatures = standing.Exists && !standing.IsOutside;
            isBusy = hasFeatures && AliasList.IsUnsettled(FeatureEngine.AliasesOf(state)) && CustomerIdOrder.Compare(request.OwnerId, grain.CustomerId) > 0;
            if (isBusy)
            {
                return null;
            }

            handedOver = hasFeatures ? state.ToArray() : [];
            byte[] kept = new MergedAway([owner], request.OwnerId, handedOver, request.OwnerState).Write();
            return CustomerChanges.Outside(grain.CustomerId, in standing, state, kept, TransitionCause.Merge, grain.Services);
        });
        return new HandOverReceipt(isBusy ? RecordStatus.Conflict : status ?? RecordStatus.Conflict, handedOver);
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
    public static ICustomerGrain? OwnerOf(this CustomerServices services, CustomerRecord record) =>
        MergedAway.Read(record.State) is { Owners: [.., var newest] } ? services.ByMailbox(newest.Id) : null;

    public static async ValueTask<UnmergeStatus> UnmergeAsync(this CustomerGrain grain, string aliasId)
    {
        MergedInto? merged = await grain.Services.ByMailbox(aliasId).MergedInto();
        bool isAlias = false;
        RecordStatus? status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            AliasPhase? phase = MergeState.PhaseOf(in standing, state, aliasId);
            isAlias = phase is AliasPhase.Merged or AliasPhase.Parting or AliasPhase.Parted;
            if (phase != AliasPhase.Merged || merged is null)
            {
                return null;
            }

            ReadOnlySpan<byte> without = merged.State.Length == 0 ? state : grain.Services.Evaluator.Features.Unmerge(state, merged.State, merged.OwnerBefore);
            return MergeState.Advance(grain.Services, grain.CustomerId, in standing, state, without, aliasId, AliasPhase.Merged, AliasPhase.Parting);
        });
        if (status != RecordStatus.Durable || !isAlias)
        {
            return status == RecordStatus.Durable ? UnmergeStatus.NotFound : UnmergeStatus.Later;
        }

        await grain.SettleAsync();
        return grain.TryCopy(out CustomerRecord? record) && record is not null
            && MergeState.PhaseOf(CustomerStanding.Of(record), record.State, aliasId) == AliasPhase.Parted
            ? UnmergeStatus.Done
            : UnmergeStatus.Later;
    }

    /// <summary>Gives this id its features back. Without any it is left to begin anew with its next event.</summary>
    public static async ValueTask<RecordStatus> TakeBackAsync(this CustomerGrain grain) =>
        await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            if (!standing.IsOutside || MergedAway.Read(state) is not { Owners.Count: > 0 } merged)
            {
                return null;
            }

            return merged.State.Length > 0
                ? CustomerChanges.Of(grain.CustomerId, in standing, [], merged.State, TransitionCause.Merge, grain.Services, out _)
                : CustomerChanges.Outside(grain.CustomerId, in standing, state, (merged with { Owners = [] }).Write(), TransitionCause.Merge, grain.Services);
        }) ?? RecordStatus.Conflict;

    private static async ValueTask AbsorbAsync(CustomerGrain grain, Alias alias, byte[] ownState)
    {
        var request = new HandOverRequest(
            grain.CustomerId, alias.SinceMilliseconds, ownState, [.. AliasList.Read(FeatureEngine.AliasesOf(ownState)).Select(static known => known.Id)]);
        HandOverReceipt receipt = await grain.Services.ByMailbox(alias.Id).HandOver(request).ConfigureAwait(false);
        if (receipt.Status != RecordStatus.Durable)
        {
            return;
        }

        bool isAdded = false;
        RecordStatus? status = await grain.TryChange((in CustomerStanding standing, ReadOnlySpan<byte> state) =>
        {
            CustomerChange? change = MergeState.Absorb(grain.Services, in standing, state, grain.CustomerId, alias.Id, receipt.State);
            isAdded = change is not null;
            return change;
        }).ConfigureAwait(false);
        if (isAdded && status == RecordStatus.Durable)
        {
            grain.Services.Metrics.Merged();
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
                services.Reporter.RefuseMerge("too_many_aliases", customerId, claim.AliasId);
                continue;
            }

            aliases = [.. aliases, new Alias(claim.AliasId, claim.SinceMilliseconds, AliasPhase.Pending)];
        }

        return aliases is null || aliases.Length == AliasList.Read(FeatureEngine.AliasesOf(state)).Length
            ? state
            : services.Evaluator.Features.WithAliases(state, AliasList.Write(aliases));
    }

    /// <summary>Adds what was handed over; null when another call has done so, or the owner has become an alias itself.</summary>
    public static CustomerChange? Absorb(
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
        byte[] united = features.WithAliases(merged.State, AliasList.Write(aliases));
        return CustomerChanges.Of(customerId, in standing, state, united, TransitionCause.Event, services, out _).Spilling(merged.Spilled);
    }

    /// <summary>Takes an alias from one phase to the next; null when it is in another.</summary>
    /// <param name="recorded">The features until now.</param>
    /// <param name="state">The features that go with the next phase.</param>
    public static CustomerChange? Advance(
        CustomerServices services,
        string customerId,
        in CustomerStanding standing,
        ReadOnlySpan<byte> recorded,
        ReadOnlySpan<byte> state,
        string aliasId,
        AliasPhase from,
        AliasPhase to)
    {
        if (PhaseOf(in standing, recorded, aliasId) != from)
        {
            return null;
        }

        byte[] aliases = AliasList.Write(
            AliasList.Read(FeatureEngine.AliasesOf(recorded)).Select(alias => alias.Id == aliasId ? alias with { Phase = to } : alias));
        return CustomerChanges.Of(
            customerId, in standing, recorded, services.Evaluator.Features.WithAliases(state, aliases), TransitionCause.Merge, services, out _);
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
