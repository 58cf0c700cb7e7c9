using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// What a grain holds of its customer: numbers, and the place of the encoded state in <see cref="StateMemory"/>; about 90 bytes inside the
/// grain. Its only references are one that exists while a caller waits and one of busy customers. Not thread-safe: the grain's lock must
/// guard all writes, and reads outside the grain's turns.
/// </summary>
internal struct LiveCustomerState()
{
    private CustomerStanding _standing;
    private long _durableVersion;
    private TaskCompletionSource? _nextEnd;
    private SpilledMessages? _spilled;
    private int _place = StateMemory.NoPlace;
    private int _length;
    private int _pending;
    private bool _isClosing;
    private RecordStatus? _refusal;

    /// <summary>The standing including pending changes.</summary>
    public readonly CustomerStanding Standing => _standing;

    /// <summary>
    /// True when this activation accepts no more changes: it is closing, or a change was rejected and it differs from the store.
    /// </summary>
    public readonly bool IsStale => _isClosing || _refusal is not null;

    /// <summary>True when no change was handed in after this version; any thread may call.</summary>
    public readonly bool IsNewest(long version) => _standing.Version == version;

    /// <summary>The encoded state including pending changes; valid until the next <see cref="HandIn"/>.</summary>
    public readonly ReadOnlySpan<byte> State(StateMemory states) => states.Read(_place, _length);

    /// <summary>The features with all changes; empty for an id that an undone merge left without any. Valid until the next hand-in.</summary>
    public readonly ReadOnlySpan<byte> Features(StateMemory states) => _standing.IsOutside ? [] : State(states);

    /// <summary>True when the id has become another customer's alias.</summary>
    public readonly bool IsMergedAway(StateMemory states) => _standing.IsOutside && !MergeState.IsReleased(State(states));

    public readonly int StateBytes => _length;

    /// <summary>Prefetches the encoded state. The bytes may change during the read; the result is meaningless.</summary>
    public readonly int Fetch(StateMemory states) => states.Fetch(_place, _length);

    /// <summary>A copy that nobody changes; null without a record.</summary>
    public readonly CustomerRecord? Copy(StateMemory states) => _standing.Exists ? _standing.With(State(states).ToArray()) : null;

    /// <summary>Starts from the stored record.</summary>
    public void Load(StateMemory states, CustomerRecord record)
    {
        Hold(states, record);
        _durableVersion = record.Version;
    }

    /// <summary>Takes a change that is about to be handed to the store.</summary>
    public void HandIn(StateMemory states, CustomerChange change)
    {
        if (change.Messages.Length > 0)
        {
            ReadOnlySpan<byte> former = Features(states);
            _spilled ??= new SpilledMessages(knowsAll: former.IsEmpty || !FeatureEngine.HasSpilled(former));
            _spilled.Add(change.Record.Version, change.Messages);
        }

        Hold(states, change.Record);
        _pending++;
    }

    /// <summary>True when <see cref="HasSpilled"/> knows all that was spilled under the customer's own id, so that no look-up is needed.</summary>
    public readonly bool KnowsAllSpilled => _spilled is { KnowsAll: true };

    /// <summary>True when the message was spilled by a change that a look-up may miss.</summary>
    public readonly bool HasSpilled(ulong messageKey, uint nowMinutes) => _spilled is not null && _spilled.Has(messageKey, nowMinutes);

    /// <summary>Registers a look-up of message ids; pass the result to <see cref="EndLookUp"/>.</summary>
    public long BeginLookUp()
    {
        (_spilled ??= new SpilledMessages(knowsAll: false)).BeginLookUp(_durableVersion);
        return _durableVersion;
    }

    /// <summary>Ends a look-up after its result was used.</summary>
    public readonly void EndLookUp(long begunAt)
    {
        _spilled!.EndLookUp(begunAt);
        _spilled.Release(_durableVersion);
    }

    /// <summary>Takes the outcome of a commit; returns the waiters, to be completed outside the lock.</summary>
    public TaskCompletionSource? Take(long version, CommitOutcome outcome)
    {
        _pending--;
        if (outcome == CommitOutcome.Committed)
        {
            _durableVersion = Math.Max(_durableVersion, version);
            _spilled?.Release(_durableVersion);
        }
        else
        {
            _refusal ??= StatusOf(outcome);
        }

        TaskCompletionSource? waiting = _nextEnd;
        _nextEnd = null;
        return waiting;
    }

    /// <summary>Completes when the next commit ends; null when none is pending.</summary>
    public Task? NextEnd(out Ends ends)
    {
        ends = new Ends(_durableVersion, _refusal);
        return _pending == 0 ? null : (_nextEnd ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Accepts no more changes; pending ones still end here.</summary>
    public void BeginClosing() => _isClosing = true;

    /// <summary>Frees the memory; the state is empty afterwards.</summary>
    public void Close(StateMemory states)
    {
        states.Free(_place, _length);
        _place = StateMemory.NoPlace;
        _length = 0;
        _standing = default;
        _refusal ??= RecordStatus.Conflict;
    }

    public static RecordStatus StatusOf(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Committed => RecordStatus.Durable,
        CommitOutcome.Conflict => RecordStatus.Conflict,
        CommitOutcome.Overloaded => RecordStatus.Overloaded,
        _ => RecordStatus.Unavailable,
    };

    private void Hold(StateMemory states, CustomerRecord record)
    {
        _place = states.Write(_place, _length, record.State);
        _length = record.State.Length;
        _standing = CustomerStanding.Of(record);
    }

    /// <summary>The progress of a customer's commits.</summary>
    /// <param name="Through">The newest durable version.</param>
    /// <param name="Refusal">Why a change was rejected; null while none was. Later changes cannot be stored either.</param>
    public readonly record struct Ends(long Through, RecordStatus? Refusal);
}
