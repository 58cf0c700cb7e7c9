using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Silos;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

public sealed class LongPollTests
{
    // A stopping silo's grain answers at once; its poller must not poll in a tight loop until the silo is gone.
    [Fact]
    public async Task A_stopping_silo_is_not_polled_in_a_tight_loop()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, DateTimeOffset.UnixEpoch);
        silo.Service<IHostApplicationLifetime>().StopApplication();
        var clock = new StoppedClock();
        using var models = new ModelCache(silo.Grains, silo.Service<CatalogueHistory>(), clock, NullLogger<ModelCache>.Instance);
        await models.StartAsync(CancellationToken.None);

        Assert.Equal(LongPoll.Pause, await clock.FirstTimer.WaitAsync(TimeSpan.FromSeconds(30)));
        await models.StopAsync(CancellationToken.None);
    }

    // Regression: a silo that left during a roll-out took a minute to stop, because it waited for a call that waited for a model that it no
    // longer polled for.
    [Fact]
    public async Task A_stopping_silo_does_not_wait_for_a_model()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, DateTimeOffset.UnixEpoch);
        var worker = silo.Grains.GetGrain<IPopulationWorker>(silo.Service<ISiloMembership>().Current.Self);
        var waiting = worker.AwaitModel(1);
        await worker.EndRollout(0);

        silo.Service<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Condition.Patience));
    }

    /// <summary>A clock on which no delay ever ends.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _firstTimer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The duration of the first delay.</summary>
        public Task<TimeSpan> FirstTimer => _firstTimer.Task;

        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _firstTimer.TrySetResult(dueTime);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
