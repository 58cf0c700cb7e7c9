using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Records its arguments and returns the configured answer; by default everything is durable.</summary>
internal sealed class FakeEventRouter : IEventRouter
{
    public List<CustomerEvent> Events { get; } = [];

    public RouteStatus Status { get; set; } = RouteStatus.Durable;

    public EventRejection[] Rejected { get; set; } = [];

    public Exception? Failure { get; set; }

    /// <summary>When set, a batch waits for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<RouteReceipt> Route(EventBatch batch)
    {
        lock (Events)
        {
            // The request's buffer is used again once it is answered.
            Events.AddRange(batch.Events.Select(sent => sent with { Body = sent.Body.ToArray(), Context = sent.Context.ToArray() }));
        }

        Entered.TrySetResult();
        if (Gate is not null)
        {
            await Gate.Task;
        }

        return Failure is null
            ? new RouteReceipt(Status, batch.Events.Length - Rejected.Length, 0, Rejected)
            : throw Failure;
    }
}

/// <summary>A customer that exists, or does not.</summary>
internal sealed class FakeCustomer(string id, bool known) : ICustomerGrain
{
    private static readonly MembershipView Membership = new("s2", "big spenders", TestTime.Noon.AddDays(-3), 4);

    public int HistoryLimit { get; private set; }

    public ValueTask<RecordReceipt> Record(RecordRequest request) => throw new NotSupportedException();

    public ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason) => throw new NotSupportedException();

    public ValueTask<HandOverReceipt> HandOver(HandOverRequest request) => throw new NotSupportedException();

    public ValueTask<MergedInto?> MergedInto() => throw new NotSupportedException();

    public ValueTask<RecordStatus> TakeBack() => throw new NotSupportedException();

    public ValueTask<UnmergeStatus> Unmerge(string aliasId) => ValueTask.FromResult(aliasId switch
    {
        "an-1" when known => UnmergeStatus.Done,
        "later" => UnmergeStatus.Later,
        _ => UnmergeStatus.NotFound,
    });

    public ValueTask<CustomerView?> View() => ValueTask.FromResult(known
        ? new CustomerView(
            id,
            Membership,
            TestTime.Noon,
            TestTime.Noon.AddDays(-30),
            TestTime.Noon.AddDays(-1),
            17,
            new Dictionary<string, double> { ["spend"] = 12.5, ["gap"] = double.NaN },
            """{"city":"Köln"}"""u8.ToArray(),
            [new AliasView("an-1", TestTime.Noon.AddDays(-2), "merged")])
        : null);

    public ValueTask<CustomerExplanation?> Explain() => ValueTask.FromResult(known
        ? new CustomerExplanation(
            id,
            TestTime.Noon,
            Membership,
            "s3",
            "s3",
            0.1,
            0.15,
            [new SegmentDistance("s2", "big spenders", 1.5)],
            [new FeatureContribution("spend", 12.5, 1.0, 0.9, 0.2, 0.6)],
            Transition(5),
            TestTime.Noon.AddDays(2))
        : null);

    public ValueTask<TransitionView[]> History(int limit)
    {
        HistoryLimit = limit;
        return ValueTask.FromResult<TransitionView[]>(known ? [Transition(5)] : []);
    }

    private TransitionView Transition(long sequence) => new(sequence, id, null, "s2", "event", 4, TestTime.Noon);
}

/// <summary>Finds everybody twice; only e-mail addresses and phone numbers are indexed.</summary>
internal sealed class FakeSearch : ICustomerSearch
{
    public (string? Trait, string Text, string? Cursor, int Limit) Asked { get; private set; }

    public ValueTask<CustomersPage> ByPrefix(string prefix, string? cursor, int limit) => new(Page(null, prefix, cursor, limit));

    public ValueTask<CustomersPage?> ByTrait(string trait, string value, string? cursor, int limit) =>
        new(trait is "email" or "phone" ? Page(trait, value, cursor, limit) : null);

    private CustomersPage Page(string? trait, string text, string? cursor, int limit)
    {
        Asked = (trait, text, cursor, limit);
        var segment = new MembershipView("s2", "big spenders", TestTime.Noon.AddDays(-3), 4);
        return new CustomersPage([new FoundCustomer("ada", segment), new FoundCustomer("<b>\U0001F600", segment)], cursor is null ? "<b>\U0001F600" : null);
    }
}

/// <summary>A segment with the members m000 to m249, or an unknown one.</summary>
internal sealed class FakeSegment(bool known) : ISegmentGrain
{
    private static readonly string[] MemberIds = [.. Enumerable.Range(0, 250).Select(number => $"m{number:000}")];

    public int LimitAsked { get; private set; }

    public Task Define(SegmentDefinition definition) => throw new NotSupportedException();

    public ValueTask Observe(long size, DateTimeOffset asOf) => throw new NotSupportedException();

    public ValueTask<SegmentDefinition?> Describe() => ValueTask.FromResult(known
        ? new SegmentDefinition(2, "big spenders", 4, 1, null, [], [new LineageView(4, "survived", ["s2"], 0.93)])
        : null);

    public ValueTask<SizeSample[]> History() =>
        ValueTask.FromResult<SizeSample[]>(known ? [new(TestTime.Noon.AddHours(-1), 2), new(TestTime.Noon, 3)] : []);

    public ValueTask<MembersPage> Members(string? cursor, int limit)
    {
        LimitAsked = limit;
        var page = known ? MemberIds.Where(id => string.CompareOrdinal(id, cursor) > 0).Take(limit).ToArray() : [];
        return ValueTask.FromResult(new MembersPage(page, page is [.., var last] && last != MemberIds[^1] ? last : null));
    }
}

/// <summary>Two segments, s1 and s2, and their census.</summary>
internal sealed class FakeSegments : ISegmentCensus
{
    public ValueTask<SegmentCensus> Take(bool withStatistics) => ValueTask.FromResult(new SegmentCensus(
        TestTime.Noon,
        4,
        10,
        77,
        withStatistics ? TestTime.Noon.AddSeconds(-2) : null,
        [
            new SegmentCount("s1", "window shoppers", 7, 0.7, [], withStatistics ? new() { ["spend"] = 1.5 } : null),
            new SegmentCount("s2", "big spenders", 3, 0.3, [new("spend", 2.5, "big spenders")], withStatistics ? new() { ["spend"] = 99 } : null),
        ]));
}

/// <summary>Model 4 is published, 3 is kept; a training makes 5.</summary>
internal sealed class FakeModels : IModelGrain, ITrainingGrain
{
    public TrainingRequest? Asked { get; private set; }

    public ValueTask<PublishedModel> Current() => ValueTask.FromResult(Model(4));

    public Task<PublishedModel?> Next(int afterVersion, TimeSpan wait) => throw new NotSupportedException();

    public Task<PublishedModel?> Find(int version) => Task.FromResult(version is 3 or 4 ? Model(version) : null);

    public ValueTask<ModelSummary[]> List() => ValueTask.FromResult<ModelSummary[]>([Summary(4), Summary(3)]);

    public Task<PublishedModel> Submit(TrainedModel model) => throw new NotSupportedException();

    public Task<PublishedModel?> Republish(int version) => Task.FromResult(version is 3 or 4 ? Model(5) : null);

    public ValueTask<RolloutProgress> Rollout() => ValueTask.FromResult(new RolloutProgress(4, false, 8, 2, TestTime.Noon, null));

    public Task Report(RolloutProgress progress) => throw new NotSupportedException();

    public Task EnsureScheduled() => throw new NotSupportedException();

    public Task<TrainingProgress> Progress() => Task.FromResult(new TrainingProgress(
        true, "refining", TestTime.Noon.AddMinutes(-1), 7, new LastTraining(false, "too different", 3, TestTime.Noon.AddHours(-1)), TestTime.Noon.AddHours(1)));

    public Task<TrainingReport> Train(TrainingRequest request)
    {
        Asked = request;
        return Task.FromResult(new TrainingReport(true, "published", Summary(5), TimeSpan.FromMilliseconds(1_500)));
    }

    private static PublishedModel Model(int version) => new(version, """{"centroids":[[1,2]]}"""u8.ToArray(), Summary(version));

    private static ModelSummary Summary(int version) => new(
        version, true, "better", TestTime.Noon, TestTime.Noon, 10, 2, new() { ["inertia"] = 3.5 }, [new GateView("drift", 0.1, 0.3, true, "little drift")],
        "00ff00ff00ff00ff", new() { ["searches_7d"] = TestTime.Noon });
}

/// <summary>
/// A log that grows when the test appends. A reader without news waits for the next transition; the wait times out when the test says so.
/// </summary>
internal sealed class FakeChangeFeed : IChangeFeed
{
    private readonly Lock _lock = new();
    private readonly List<TransitionView> _log = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The last sequence that anybody was given.</summary>
    public long LastRead { get; private set; }

    public void Append(int count) => Append([.. Enumerable.Repeat<(string?, string?, string)>(("s1", "s2", "time"), count)]);

    public void Append(params (string? From, string? To, string Cause)[] transitions)
    {
        lock (_lock)
        {
            foreach (var (from, to, cause) in transitions)
            {
                _log.Add(new TransitionView(_log.Count + 1, $"customer {_log.Count + 1}", from, to, cause, 4, TestTime.Noon));
            }
        }

        Wake();
    }

    /// <summary>Ends all waits, with or without news.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async Task<TransitionView[]> Read(long afterSequence, int limit, TimeSpan wait)
    {
        Task changed;
        lock (_lock)
        {
            var page = Page(afterSequence, limit);
            if (page.Length > 0 || wait == TimeSpan.Zero)
            {
                return page;
            }

            changed = _changed.Task;
        }

        await changed;
        lock (_lock)
        {
            return Page(afterSequence, limit);
        }
    }

    public Task<TransitionFlows> Flows(DateTimeOffset from, DateTimeOffset to) =>
        Task.FromResult(new TransitionFlows(from, to, to, true, [new SegmentFlow(null, "s2", "event", 3)]));

    private TransitionView[] Page(long afterSequence, int limit)
    {
        TransitionView[] page = [.. _log.Skip((int)afterSequence).Take(limit)];
        LastRead = Math.Max(LastRead, page.LastOrDefault()?.Sequence ?? 0);
        return page;
    }
}

/// <summary>Has seen one order, whose revenue was no number.</summary>
internal sealed class FakeEventCatalogue : IEventCatalogueGrain
{
    public Task Report(SeenEvents seen) => throw new NotSupportedException();

    public ValueTask<SeenEvents> View() => new(new SeenEvents(
        [
            new SeenEvent("identify", null, 1, TestTime.Noon, TestTime.Noon, true, [], 0),
            new SeenEvent("track", "Order Completed", 2, TestTime.Noon, TestTime.Noon, true, [new("total", ["number"], true), new("revenue", ["string", "null"], true)], 3),
        ],
        [new IgnoredValue("not_a_number", "properties.revenue", 1, "free", TestTime.Noon)],
        4));
}

/// <summary>Keeps what it is handed, numbered from 1.</summary>
internal sealed class FakeRejections : IRejectionsGrain
{
    public List<RejectedEvent> Kept { get; } = [];

    public Task Add(RejectedEvent[] rejected)
    {
        Kept.AddRange(rejected.Select((x, i) => x with { Number = Kept.Count + i + 1 }));
        return Task.CompletedTask;
    }

    public ValueTask<RejectedEvent[]> List(string? reason, int limit) => new([.. Kept.AsEnumerable().Reverse().Where(x => reason is null || x.Reason == reason).Take(limit)]);

    public Task Remove(long[] numbers)
    {
        Kept.RemoveAll(x => numbers.Contains(x.Number));
        return Task.CompletedTask;
    }
}
