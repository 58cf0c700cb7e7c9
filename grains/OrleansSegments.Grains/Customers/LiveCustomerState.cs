using OrleansSegments.Contracts.Customers;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// What a grain holds of its customer: numbers, and the place of the encoded state in <see cref="StateMemory"/>; about 90 bytes inside the grain,
/// with no reference but one that is there only while somebody waits, and one that only busy customers have. Not safe for threads by itself: the grain's lock guards whatever writes,
/// and whatever reads outside the grain's turns.
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

    /// <summary>The standing with all changes, also those on their way.</summary>
    public readonly CustomerStanding Standing => _standing;

    /// <summary>Whether this activation takes no more changes: one was refused, so that it is not what the store has, or it is closing.</summary>
    public readonly bool IsStale => _isClosing || _refusal is not null;

    /// <summary>Whether no change was handed in after this version; any thread may ask.</summary>
    public readonly bool IsNewest(long version) => _standing.Version == version;

    /// <summary>The encoded state with all changes; valid until the next hand-in.</summary>
    public readonly ReadOnlySpan<byte> State(StateMemory states) => states.Read(_place, _length);

    /// <summary>The features with all changes; empty for an id that an undone merge left without any. Valid until the next hand-in.</summary>
    public readonly ReadOnlySpan<byte> Features(StateMemory states) => _standing.IsOutside ? [] : State(states);

    /// <summary>True when the id has become another customer's alias.</summary>
    public readonly bool IsMergedAway(StateMemory states) => _standing.IsOutside && !MergeState.IsReleased(State(states));

    public readonly int StateBytes => _length;

    /// <summary>Reads the encoded state for nothing but its being near then; whatever is read meanwhile, it is only a hint.</summary>
    public readonly int Fetch(StateMemory states) => states.Fetch(_place, _length);

    /// <summary>A copy that nobody changes; null without a record.</summary>
    public readonly CustomerRecord? Copy(StateMemory states) => _standing.Exists ? _standing.With(State(states).ToArray()) : null;

    /// <summary>Begins with what the store has.</summary>
    public void Load(StateMemory states, CustomerRecord record)
    {
        Hold(states, record);
        _durableVersion = record.Version;
    }

    /// <summary>Takes in a change that is about to be given to the store.</summary>
    public void HandIn(StateMemory states, CustomerChange change)
    {
        Hold(states, change.Record);
        _pending++;
        if (change.Messages.Length > 0)
        {
            (_spilled ??= new SpilledMessages()).Add(change.Record.Version, change.Messages);
        }
    }

    /// <summary>Whether the message was spilled by a change of which a look-up may not know yet.</summary>
    public readonly bool HasSpilled(ulong messageKey) => _spilled is not null && _spilled.Has(messageKey);

    /// <summary>A look-up of messages begins; what it returns is to be given to <see cref="EndLookUp"/>.</summary>
    public long BeginLookUp()
    {
        (_spilled ??= new SpilledMessages()).BeginLookUp(_durableVersion);
        return _durableVersion;
    }

    /// <summary>What became of the look-up has been used.</summary>
    public readonly void EndLookUp(long begunAt)
    {
        _spilled!.EndLookUp(begunAt);
        _spilled.Release(_durableVersion);
    }

    /// <summary>A commit has ended; returns who waits for that, to be told outside the lock.</summary>
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

    /// <summary>Completes when the next commit ends; null when none is on its way.</summary>
    public Task? NextEnd(out Ends ends)
    {
        ends = new Ends(_durableVersion, _refusal);
        return _pending == 0 ? null : (_nextEnd ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Takes no more changes; those on their way still end here.</summary>
    public void BeginClosing() => _isClosing = true;

    /// <summary>Gives the memory back; nothing is held from here on.</summary>
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

    /// <summary>How far the commits of a customer have come.</summary>
    /// <param name="Through">The newest version in the store.</param>
    /// <param name="Refusal">Why a change was refused; nothing after it can be stored.</param>
    public readonly record struct Ends(long Through, RecordStatus? Refusal);
}
