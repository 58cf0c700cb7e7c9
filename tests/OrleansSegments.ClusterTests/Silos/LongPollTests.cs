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
    // The grain of a silo that stops answers at once; who asked must not use the rest of the silo's life to ask.
    [Fact]
    public async Task A_silo_that_stops_is_not_asked_again_and_again()
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

    // A silo that left in the middle of a roll-out stayed for a minute: it waited for a call that waited for a model, and asked for none any more.
    [Fact]
    public async Task A_silo_that_stops_waits_for_no_model()
    {
        using var folder = new TestFolder();
        await using var silo = await TestSilo.StartAsync(folder, DateTimeOffset.UnixEpoch);
        var worker = silo.Grains.GetGrain<IPopulationWorker>(silo.Service<ISiloMembership>().Current.Self);
        var waiting = worker.AwaitModel(1);
        await worker.EndRollout(0);

        silo.Service<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Condition.Patience));
    }

    /// <summary>A clock on which no wait ever ends.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _firstTimer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>How long the first wait was to be.</summary>
        public Task<TimeSpan> FirstTimer => _firstTimer.Task;

        public override long GetTimestamp() => 0;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _firstTimer.TrySetResult(dueTime);
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
