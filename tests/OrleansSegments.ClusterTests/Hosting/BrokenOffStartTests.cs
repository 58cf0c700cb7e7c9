using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Silo.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Hosting;

public sealed class BrokenOffStartTests
{
    /// <summary>Regression: on Ctrl-C during the start each part of the silo logged a failure with a stack trace.</summary>
    [Fact]
    public async Task A_cancelled_start_logs_no_failure_and_leaves_no_new_folder()
    {
        using var parent = new TestFolder();
        string folder = Path.Combine(parent.Path, "data");
        using var interrupt = new CancellationTokenSource();
        using var complaints = new Complaints();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SiloHost.StartAsync(
            new SiloSettings(StoreArguments.InFolder(folder), Urls: null),
            services =>
            {
                services.AddSingleton<ILoggerProvider>(complaints);
                services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new InterruptsInTheMiddle(interrupt));
            },
            interrupt.Token));
        Assert.True(interrupt.IsCancellationRequested);
        Assert.Empty(complaints.Texts);
        Assert.False(Directory.Exists(folder));
    }

    private sealed class InterruptsInTheMiddle(CancellationTokenSource interrupt) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle observer) =>
            observer.Subscribe(nameof(InterruptsInTheMiddle), ServiceLifecycleStage.RuntimeServices, _ => interrupt.CancelAsync());
    }

    private sealed class Complaints : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // A test's process has a garbage collector other than the program's, which Orleans reports at every start.
            string text = formatter(state, exception);
            if (IsEnabled(logLevel) && !text.Contains("ServerGC", StringComparison.Ordinal))
            {
                Texts.Enqueue($"{logLevel}: {text}");
            }
        }
    }
}
