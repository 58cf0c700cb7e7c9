using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Feeds;

/// <summary>A foreign open transaction delays readers of the log; uses its own server so that no other test is delayed.</summary>
public sealed class PostgresHorizonTests(OwnServer own) : IClassFixture<OwnServer>
{
    [Fact]
    public async Task A_foreign_open_transaction_holds_up_only_the_log_and_is_named_in_a_warning()
    {
        var log = new Warnings();
        await using var place = new PostgresPlace(own.Server) { Logger = log, Time = new HastyTime() };
        await using var run = await place.OpenAsync();
        await using var stranger = new NpgsqlConnection(own.Server.ConnectionString());
        await stranger.OpenAsync();
        await using (var transaction = await stranger.BeginTransactionAsync())
        {
            await using var begin = new NpgsqlCommand("SELECT pg_current_xact_id()::text", stranger, transaction);
            await begin.ExecuteScalarAsync();
            await run.CommitAllAsync(SampleChange.First(10));
            Assert.Equal(10, run.Customers.Totals.Population);
            Assert.Equal(10, (await run.ScanAsync()).Count);
            Assert.Empty(await run.TransitionsAsync());

            await Condition.HoldsAsync("a warning is logged", () => !log.Texts.IsEmpty);
            Assert.Contains($"process {stranger.ProcessID} ", log.Texts.First(), StringComparison.Ordinal);
            Assert.Contains("pg_terminate_backend", log.Texts.First(), StringComparison.Ordinal);
        }

        Assert.Equal(10, (await run.FeedAsync(10)).Count);
        Assert.Single(log.Texts);
    }

    /// <summary>A clock on which each interval takes sixty seconds, so that delayed warnings come soon.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override long GetTimestamp() => 60 * base.GetTimestamp();
    }

    private sealed class Warnings : ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
            {
                Texts.Enqueue(formatter(state, exception));
            }
        }
    }
}
