using System.Net;
using System.Net.Sockets;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Failures;

/// <summary>Whatever the driver waits for without end, nobody waits for it with the driver: not a caller, not a lane, not who closes the store.</summary>
public sealed class PostgresSilenceTests : IAsyncLifetime
{
    private readonly ManualResetEventSlim _isReleased = new();
    private readonly ManualResetEventSlim _isStuck = new();
    private PostgresPlace _place = null!;
    private int _armed;

    public async ValueTask InitializeAsync()
    {
        PostgresRequired.OrSkip();
        _place = new PostgresPlace(await SharedServer.StartedAsync())
        {
            Configure = options =>
            {
                options.CommandTimeout = options.ConnectTimeout = TimeSpan.FromSeconds(1);
                options.CloseTimeout = TimeSpan.FromSeconds(1);
                options.CommitLanes = 1;
            },
        };
    }

    public async ValueTask DisposeAsync()
    {
        _isReleased.Set();
        if (_place is not null)
        {
            await _place.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(nameof(StoreStep.CommitChecked))]
    [InlineData(nameof(StoreStep.CommitWritten))]
    public async Task A_commit_that_does_not_come_back_is_answered_and_another_connection_takes_its_place(string step)
    {
        await using var run = await OpenAsync(step);
        var change = await SticksAsync(run);
        var second = run.Customers.CommitAsync(SampleChange.Of("c:000001", 2, 1, 7)).AsTask();

        Assert.Equal(CommitOutcome.Unavailable, await change);
        Assert.Equal(CommitOutcome.Committed, await Condition.EndsAsync("the next change of the lane is committed", second));
        await run.CommitAllAsync([SampleChange.Of("c:stuck", 1, null, 3)]);
        Assert.Null(run.Customers.Health.Problem);

        // The one that was given up comes back, and neither answers nor commits a second time.
        _isReleased.Set();
        await run.CommitAllAsync([SampleChange.Of("c:stuck", 2, 3, 4)]);
        Assert.Equal(2, (await run.ReadAsync("c:stuck"))!.Version);
        Assert.Equal(4, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_store_closes_although_a_commit_does_not_come_back()
    {
        var run = await OpenAsync(nameof(StoreStep.CommitWritten));
        var change = await SticksAsync(run);

        await run.DisposeAsync().AsTask().WaitAsync(Condition.Patience);
        Assert.Equal(CommitOutcome.Unavailable, await change);
    }

    // The driver's way for threads that wait rounded what was left of the time for connecting down to 0, which is no limit, in a few of a hundred.
    [Fact]
    public async Task Connecting_to_a_server_that_says_nothing_ends_every_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(backlog: 256);
        var options = _place.Options();
        options.ConnectionString = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=nobody;Database=none";
        options.ConnectionsMax = 100;
        await using var database = new PostgresDatabase(options);

        var attempts = Enumerable.Range(0, 60).Select(_ => Task.Run(
            () => Assert.ThrowsAnyAsync<Exception>(() => database.OpenAsync(CancellationToken.None).AsTask())));
        var failures = await Condition.EndsAsync("every attempt ended", Task.WhenAll(attempts), within: TimeSpan.FromSeconds(20));
        Assert.All(failures, failure => Assert.True(PostgresProblem.IsExpected(failure), $"{failure}"));
    }

    private Task<StoreRun> OpenAsync(string step) => _place.OpenAsync(fault: reached =>
    {
        if ($"{reached}" == step && Interlocked.Exchange(ref _armed, 0) == 1)
        {
            _isStuck.Set();
            _isReleased.Wait();
        }
    });

    /// <summary>Hands in a change whose commit does not come back.</summary>
    private async Task<Task<CommitOutcome>> SticksAsync(StoreRun run)
    {
        await run.CommitAllAsync(SampleChange.First(3));
        Volatile.Write(ref _armed, 1);
        var change = Condition.EndsAsync("the change is answered", run.Customers.CommitAsync(SampleChange.Of("c:stuck", 1, null, 2)).AsTask());
        await Condition.HoldsAsync("the commit is stuck", () => _isStuck.IsSet);
        return change;
    }
}
