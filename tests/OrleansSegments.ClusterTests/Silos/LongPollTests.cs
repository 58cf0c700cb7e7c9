using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Silos;
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
        using var models = new ModelCache(silo.Grains, silo.Service<FeatureCatalogue>(), clock, NullLogger<ModelCache>.Instance);
        await models.StartAsync(CancellationToken.None);

        Assert.Equal(LongPoll.Pause, await clock.FirstTimer.WaitAsync(TimeSpan.FromSeconds(30)));
        await models.StopAsync(CancellationToken.None);
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
