using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans.Runtime;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Traces;
using OrleansSegments.Grains.Metrics;
using Xunit;

namespace OrleansSegments.ClusterTests.Metrics;

/// <summary>The spans of the grains. Only this class listens to them, and its tests run one after another.</summary>
public sealed class TraceTests(TrainedPopulation population)
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_a_listener_a_span_costs_no_memory()
    {
        Assert.Null(SegmentsTraces.Begin("warm-up"));
        Assert.Null(SegmentsTraces.BeginPart("warm-up"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var batch = 0; batch < 1_000; batch++)
        {
            using var span = SegmentsTraces.Begin("route");
            using var part = SegmentsTraces.BeginPart("commit");
            span?.SetTag("segments.events", batch);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task A_batch_over_three_silos_is_one_trace()
    {
        await using var cluster = await SiloCluster.StartAsync(3, Now);
        CustomerEvent[] batch = [.. Enumerable.Range(0, 100).Select(number => RandomShopper.Order($"c{number}", $"m{number}", Now))];
        using var trace = new Trace();

        var receipt = await cluster.First.RouteAsync(batch);

        Assert.Equal(batch.Length, receipt.Accepted);
        var routes = trace.Spans.Where(span => span.OperationName == "route").ToArray();
        Assert.Equal(3, routes.Length);
        Assert.All(routes, route => Assert.Equal(trace.Root.SpanId, route.ParentSpanId));
        Assert.Equal(batch.Length, routes.Sum(route => (int)route.GetTagItem("segments.events")!));
        Assert.All(routes, route => Assert.Equal(
            ["commit", "record"], trace.Spans.Where(span => span.ParentSpanId == route.SpanId).Select(span => span.OperationName).Order()));
    }

    [Fact]
    public async Task Served_deadlines_have_a_span_and_a_scan_without_any_has_none()
    {
        using var folder = population.Copy();
        await using var silo = await TestSilo.StartAsync(folder, TrainedPopulation.End);
        await silo.ServeDeadlinesAsync();
        using var trace = new Trace();

        await silo.ServeDeadlinesAsync();
        Assert.Empty(trace.Spans);

        silo.Clock.AdvanceTo(TrainedPopulation.End.AddDays(60));
        var moved = await silo.ServeDeadlinesAsync();
        Assert.True(moved > 0, "sixty silent days move somebody");
        Assert.All(trace.Spans, span => Assert.Equal("serve deadlines", span.OperationName));
        Assert.True(trace.Spans.Sum(span => (int)span.GetTagItem("segments.customers.served")!) >= moved, "everybody who moved was served");
    }

    /// <summary>The span of a caller, and those that became part of its trace.</summary>
    private sealed class Trace : IDisposable
    {
        private readonly ActivityListener _listener;
        private readonly ConcurrentQueue<Activity> _spans = [];

        public Trace()
        {
            Root = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
            Activity.Current = null;
            CarriedTrace.Send(Root);
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == SegmentsTraces.SourceName,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span =>
                {
                    if (span.TraceId == Root.TraceId)
                        _spans.Enqueue(span);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public Activity Root { get; }

        public IReadOnlyCollection<Activity> Spans => _spans;

        public void Dispose()
        {
            _listener.Dispose();
            Root.Dispose();
            RequestContext.Clear();
        }
    }
}
