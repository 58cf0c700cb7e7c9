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

/// <summary>When the driver hangs, nobody hangs with it: neither a caller, nor a lane, nor the closing of the store.</summary>
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
    public async Task A_commit_that_hangs_in_the_driver_is_answered_and_its_connection_is_replaced(string step)
    {
        await using var run = await OpenAsync(step);
        var change = await SticksAsync(run);
        var second = run.Customers.CommitAsync(SampleChange.Of("c:000001", 2, 1, 7)).AsTask();

        Assert.Equal(CommitOutcome.Unavailable, await change);
        Assert.Equal(CommitOutcome.Committed, await Condition.EndsAsync("the next change of the lane is committed", second));
        await run.CommitAllAsync([SampleChange.Of("c:stuck", 1, null, 3)]);
        Assert.Null(run.Customers.Health.Problem);

        // The abandoned commit returns, and neither answers nor commits a second time.
        _isReleased.Set();
        await run.CommitAllAsync([SampleChange.Of("c:stuck", 2, 3, 4)]);
        Assert.Equal(2, (await run.ReadAsync("c:stuck"))!.Version);
        Assert.Equal(4, run.Customers.Totals.Population);
        await run.VerifyAsync();
    }

    [Fact]
    public async Task A_store_closes_although_a_commit_hangs_in_the_driver()
    {
        var run = await OpenAsync(nameof(StoreStep.CommitWritten));
        var change = await SticksAsync(run);

        await run.DisposeAsync().AsTask().WaitAsync(Condition.Patience);
        Assert.Equal(CommitOutcome.Unavailable, await change);
    }

    // For blocked threads the driver rounded the remaining connection time down to 0, which means no limit, in a few of a hundred attempts.
    [Fact]
    public async Task Connecting_to_a_silent_server_always_ends()
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

    /// <summary>Submits a change whose commit hangs.</summary>
    private async Task<Task<CommitOutcome>> SticksAsync(StoreRun run)
    {
        await run.CommitAllAsync(SampleChange.First(3));
        Volatile.Write(ref _armed, 1);
        var change = Condition.EndsAsync("the change is answered", run.Customers.CommitAsync(SampleChange.Of("c:stuck", 1, null, 2)).AsTask());
        await Condition.HoldsAsync("the commit is stuck", () => _isStuck.IsSet);
        return change;
    }
}
