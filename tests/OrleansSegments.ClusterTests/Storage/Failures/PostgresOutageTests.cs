using OrleansSegments.ClusterTests.Storage.Oracles;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Failures;

/// <summary>
/// A server that dies, hangs, disconnects or cannot be reached: correct answers meanwhile, and recovery without reopening the store.
/// </summary>
public sealed class PostgresOutageTests(OwnServer own) : IClassFixture<OwnServer>, IAsyncLifetime
{
    private const int Writers = 12;
    private const int WaitingMax = 300;

    // Short, because some tests wait for it, but long enough to connect on a busy machine.
    private const int TimeoutSeconds = 3;
    private const string NoAnswer = "no answer within 3 s";
    private const string Password = "not-to-be-told";

    private PostgresPlace _place = null!;

    private PostgresServer Server => own.Server;

    public ValueTask InitializeAsync()
    {
        _place = new PostgresPlace(Server, isProxied: true)
        {
            Configure = options =>
            {
                options.ConnectionString += $";Password={Password}";
                options.CloseTimeout = TimeSpan.FromSeconds(1);
                options.CommitLimits = options.CommitLimits with { ChangesWaitingMax = WaitingMax };
            },
        };
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _place is null ? ValueTask.CompletedTask : _place.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_killed_or_stopped_under_load_and_started_again_has_all_that_was_acknowledged(bool isKilled)
    {
        await using var run = await _place.OpenAsync();
        await using var load = new SteadyLoad(run, Writers);
        for (var outage = 0; outage < 2; outage++)
        {
            await load.GoesOnAsync(5);
            await (isKilled ? Server.KillAsync() : Server.StopAsync());
            await UnavailableAsync(run, "Check that the server runs", "start it if nobody else does");
            Assert.InRange(run.Customers.Health.ChangesWaiting, 0, Writers);
            await Server.StartAgainAsync();
            await load.GoesOnAsync(5);
        }

        await load.StopAndCheckAsync();
        await AvailableAsync(run);
        await using var other = await ReopenAsync(run);
        await load.StopAndCheckAsync(other);
    }

    [Fact]
    public async Task Without_any_load_the_store_notices_by_itself_that_the_server_is_back()
    {
        await using var run = await _place.OpenAsync();
        await run.CommitAllAsync(SampleChange.First(10));
        await Server.KillAsync();
        Assert.Equal(CommitOutcome.Unavailable, await run.CommitAsync("c:more", 1, null, 1));
        await UnavailableAsync(run, "Check that the server runs");
        await Server.StartAgainAsync();

        await AvailableAsync(run);
        await run.CommitAllAsync([SampleChange.Of("c:more", 1, null, 1)]);
        Assert.Equal(11, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task Sessions_that_the_server_ends_under_load_are_replaced_and_nothing_is_lost_or_duplicated()
    {
        await using var run = await _place.OpenAsync();
        await using var load = new SteadyLoad(run, Writers);
        for (var blow = 0; blow < 15; blow++)
        {
            await load.GoesOnAsync(2);
            await Server.QueryAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '{_place.Schema}-%'");
        }

        await load.GoesOnAsync(2);
        await load.StopAndCheckAsync();
        await AvailableAsync(run);
    }

    [Fact]
    public async Task A_network_that_breaks_under_load_again_and_again_loses_nothing()
    {
        await using var run = await _place.OpenAsync();
        await using var load = new SteadyLoad(run, Writers);
        for (var blow = 0; blow < 15; blow++)
        {
            await load.GoesOnAsync(2);
            _place.Proxy.Cut();
            _place.Proxy.Mend();
        }

        await load.GoesOnAsync(2);
        await load.StopAndCheckAsync();
        await AvailableAsync(run);
    }

    // Regression: on a loaded machine a cut sometimes met the driver at work, which then used an object that it had just disposed of.
    [Theory]
    [InlineData(nameof(StoreStep.CommitChecked))]
    [InlineData(nameof(StoreStep.CommitWritten))]
    [InlineData(nameof(StoreStep.CommitDurable))]
    public async Task A_commit_that_meets_a_broken_driver_connection_is_retried_and_blocks_nothing(string step)
    {
        var isArmed = false;
        await using var run = await _place.OpenAsync(fault: reached =>
        {
            var isMet = reached.ToString() == step && Interlocked.Exchange(ref isArmed, false);
            ObjectDisposedException.ThrowIf(isMet, typeof(ManualResetEventSlim));
        });
        await run.CommitAllAsync(SampleChange.First(3));
        Volatile.Write(ref isArmed, true);

        Assert.Equal(CommitOutcome.Committed, await run.CommitAsync("c:000001", 2, 1, 7));
        Assert.False(Volatile.Read(ref isArmed));
        await AvailableAsync(run);
        await run.CommitAllAsync(SampleChange.First(3, prefix: "d:"));
        await run.VerifyAsync();
    }

    // Regression: in some runs a lane waited for as long as the server hung, not in the commit, which the driver ends, but in reconnecting
    // afterwards.
    [Fact]
    public async Task A_server_that_hangs_is_unavailable_holds_no_more_than_the_limit_and_recovers_when_it_goes_on()
    {
        await using var run = await OpenImpatientAsync();
        await run.CommitAllAsync(SampleChange.First(10));
        var states = new List<WeakReference>();
        await Server.PauseAsync();
        try
        {
            await AnswersAllAsync(run, states);
            await UnavailableAsync(run, NoAnswer);
            var refusal = await Assert.ThrowsAsync<StoreException>(async () => await run.ScanAsync());
            AssertClear(refusal.Message, NoAnswer);
            await Assert.ThrowsAsync<StoreException>(async () => await run.ReadAsync("c:000001"));
            await Assert.ThrowsAsync<StoreException>(async () => await run.Control.ReadAsync("model", "current", CancellationToken.None));
            await Assert.ThrowsAsync<StoreException>(async () =>
                await run.Customers.UpdateDeadlinesAsync([new DeadlineUpdate("c:000001", 1, 60)], CancellationToken.None));
            Assert.Equal(10, run.Customers.Totals.Population);
            await Condition.HoldsAsync("nothing waits", () => run.Customers.Health.ChangesWaiting == 0);
        }
        finally
        {
            await Server.ContinueAsync();
        }

        await AvailableAsync(run);
        await run.CommitAllAsync(SampleChange.First(10, prefix: "d:"));
        await run.VerifyAsync();
        GC.Collect();
        var kept = states.Count(state => state.IsAlive);
        Assert.True(kept < 20, $"{kept} of {states.Count} states that were answered are still in memory.");
    }

    // The server commits but the answer is lost: the caller must be told neither that the commit failed nor that it succeeded.
    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_in_doubt_and_counted_once_when_it_is_sent_again()
    {
        var isArmed = false;
        await using var run = await OpenImpatientAsync(step =>
        {
            if (step == StoreStep.CommitWritten && Interlocked.Exchange(ref isArmed, false))
            {
                _place.Proxy.SwallowAnswers();
            }
        });
        await run.CommitAllAsync(SampleChange.First(3));
        Volatile.Write(ref isArmed, true);
        var change = SampleChange.Of("c:doubt", 1, null, 2, due: 50);
        Assert.Equal(CommitOutcome.Unavailable, await run.Customers.CommitAsync(change));
        AssertClear(run.Customers.Health.Problem, NoAnswer);
        Assert.Equal("1\n", await _place.QueryAsync("SELECT count(*) FROM customers WHERE customer_id = 'c:doubt'"));
        _place.Proxy.Mend();

        await AvailableAsync(run);
        Assert.Equal(CommitOutcome.Conflict, await run.Customers.CommitAsync(change));
        Records.AssertSame(change.Record, await run.ReadAsync("c:doubt"));
        await Condition.HoldsAsync("the totals count it", () => run.Customers.Totals.SizeOf(2) == 1);
        Assert.Equal(4, (await run.FeedAsync(4)).Count);
        await Condition.HoldsAsync("its deadline is known", () => run.Customers.EarliestDeadlineMilliseconds == 50);
        await run.VerifyAsync();
    }

    // The network returns for a silo whose schema meanwhile belongs to another: two silos that both believe to be alone must not both
    // write.
    [Fact]
    public async Task A_silo_that_lost_its_schema_to_another_writes_nothing_more()
    {
        await using var former = await _place.OpenAsync();
        await former.CommitAllAsync(SampleChange.First(3));
        var proxy = _place.Proxy;
        _place.Kill();
        await using var owner = await _place.OpenAsync();
        proxy.Mend();

        await Condition.HoldsAsync(
            "the former owner knows", () => former.Customers.Health is { Writable: false, Problem: { } problem } && problem.Contains("in use", StringComparison.Ordinal),
            () => former.Customers.Health.ToString());
        Assert.Equal(CommitOutcome.Unavailable, await former.CommitAsync("c:000001", 2, 1, 5));
        await owner.CommitAllAsync([SampleChange.Of("c:000001", 2, 1, 7)]);
        Assert.Equal(CommitOutcome.Unavailable, await former.CommitAsync("c:000001", 3, 7, 5));
        Assert.Equal(7, (await owner.ReadAsync("c:000001"))!.SegmentId);
        await owner.VerifyAsync();
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named_at_the_start_with_the_cure()
    {
        _place.Proxy.Cut();
        var refusal = await Assert.ThrowsAsync<StoreException>(() => _place.OpenAsync());
        AssertClear(refusal.Message, "Check that the server runs");
        _place.Proxy.Mend();

        var configure = _place.Configure;
        _place.Configure = options =>
        {
            configure(options);
            options.ConnectionString = options.ConnectionString.Replace("Database=postgres", "Database=missing", StringComparison.Ordinal);
        };
        AssertClear((await Assert.ThrowsAsync<StoreException>(() => _place.OpenAsync())).Message, "Create the database");
        _place.Configure = options =>
        {
            configure(options);
            options.ConnectionString = options.ConnectionString.Replace("Username=postgres", "Username=stranger", StringComparison.Ordinal);
        };
        AssertClear((await Assert.ThrowsAsync<StoreException>(() => _place.OpenAsync())).Message, "Check Username and Password");
    }

    /// <summary>Opens a store with short timeouts. Creating the schema may take long, so that is done first.</summary>
    private async Task<StoreRun> OpenImpatientAsync(FaultPoint? fault = null)
    {
        await using (await _place.OpenAsync())
        {
        }

        var configure = _place.Configure;
        _place.Configure = options =>
        {
            configure(options);
            options.CommandTimeout = options.ConnectTimeout = TimeSpan.FromSeconds(TimeoutSeconds);
        };
        return await _place.OpenAsync(fault: fault);
    }

    private async Task<StoreRun> ReopenAsync(StoreRun run)
    {
        await run.DisposeAsync();
        return await _place.OpenAsync();
    }

    /// <summary>
    /// Submits far more than the queue allows, with large states, and expects every change to be answered, none as committed.
    /// </summary>
    private static async Task AnswersAllAsync(StoreRun run, List<WeakReference> states)
    {
        var outcomes = new List<Task<CommitOutcome>>();
        foreach (var change in SampleChange.First(10 * WaitingMax, prefix: "hangs:", size: 10_000))
        {
            states.Add(new WeakReference(change.Record.State));
            outcomes.Add(run.Customers.CommitAsync(change).AsTask());
            Assert.InRange(run.Customers.Health.ChangesWaiting, 0, WaitingMax);
        }

        var answers = await Condition.EndsAsync("all are answered", Task.WhenAll(outcomes));
        Assert.All(answers, outcome => Assert.True(outcome is CommitOutcome.Overloaded or CommitOutcome.Unavailable, $"{outcome}"));
        Assert.Contains(CommitOutcome.Overloaded, answers);
        Assert.Contains(CommitOutcome.Unavailable, answers);
    }

    private async Task UnavailableAsync(StoreRun run, params string[] cures)
    {
        await Condition.HoldsAsync("the store says that it cannot write", () => !run.Customers.Health.Writable, () => run.Customers.Health.ToString());
        AssertClear(run.Customers.Health.Problem, cures);
    }

    private static Task AvailableAsync(StoreRun run) => Condition.HoldsAsync(
        "the store says that it can write", () => run.Customers.Health is { Writable: true, Problem: null }, () => run.Customers.Health.ToString());

    private void AssertClear(string? message, params string[] cures)
    {
        Assert.True(cures.Any(cure => message?.Contains(cure, StringComparison.Ordinal) == true), $"Not one of '{string.Join("', '", cures)}' is said: {message}");
        Assert.Contains($"127.0.0.1:{_place.Proxy.Port}", message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, message, StringComparison.Ordinal);
    }
}
