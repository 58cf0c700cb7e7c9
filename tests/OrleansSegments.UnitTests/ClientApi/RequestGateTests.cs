using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Requests while the services of a host start and stop, which here takes as long as the test says.</summary>
public sealed class RequestGateTests
{
    [Fact]
    public async Task A_request_during_the_start_is_held_and_taken_and_one_during_the_stop_is_told_to_come_back()
    {
        await using var host = new SlowHost();
        var start = host.App.StartAsync();
        await host.Slow.Starting.Task.WaitAsync(ApiHost.Deadline);
        using var client = host.NewClient();
        var held = SlowHost.SendAsync(client);
        var gate = host.App.Services.GetRequiredService<RequestGate>();
        await Condition.HoldsAsync("a request is held", () => gate.Running == 1);
        Assert.False(held.IsCompleted);
        Assert.Empty(host.Router.Events);
        host.Slow.Start.SetResult();
        await start.WaitAsync(ApiHost.Deadline);
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);

        host.Router.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = SlowHost.SendAsync(client);
        await Condition.HoldsAsync("the request is with the router", () => host.Router.Events.Count == 2);
        var stop = host.App.StopAsync();
        await Condition.HoldsAsync("the gate is closed", async () => (await SlowHost.SendAsync(client)).StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.False(host.Slow.Stopping.Task.IsCompleted, "A service stopped while a request ran.");

        host.Router.Gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        await host.Slow.Stopping.Task.WaitAsync(ApiHost.Deadline);
        using var late = host.NewClient();
        using var refused = await SlowHost.SendAsync(late);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.Equal("stopping", (await ApiHost.JsonOf(refused)).GetProperty("code").GetString());

        host.Slow.Stop.SetResult();
        await stop.WaitAsync(ApiHost.Deadline);
        await Assert.ThrowsAsync<HttpRequestException>(() => SlowHost.SendAsync(late));
        Assert.Equal(2, host.Router.Events.Count);
    }

    [Fact]
    public async Task A_request_is_held_for_a_limited_time()
    {
        await using var host = new SlowHost();
        var start = host.App.StartAsync();
        await host.Slow.Starting.Task.WaitAsync(ApiHost.Deadline);
        using var client = host.NewClient();
        var held = SlowHost.SendAsync(client);
        await Condition.HoldsAsync("a request is held", () => host.Time.Waiting(RequestGate.HeldMax) == 1);
        host.Time.Fire(RequestGate.HeldMax);
        using var refused = await held;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("starting", (await ApiHost.JsonOf(refused)).GetProperty("code").GetString());
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        host.Slow.Start.SetResult();
        host.Slow.Stop.SetResult();
        await start;
    }

    /// <summary>64 MiB in all, of which one large body takes 1 MiB: what the server buffers of it.</summary>
    [Fact]
    public async Task The_memory_of_held_requests_is_limited()
    {
        await using var host = new SlowHost();
        var start = host.App.StartAsync();
        await host.Slow.Starting.Task.WaitAsync(ApiHost.Deadline);
        using var client = host.NewClient();
        var large = IngestionTests.OneTrack.PadRight(2 << 20);
        Task<HttpResponseMessage>[] sent = [.. Enumerable.Range(0, 70).Select(_ => SlowHost.SendAsync(client, large))];
        await Condition.HoldsAsync("what exceeds the memory is refused", () => sent.Count(answer => answer.IsCompleted) >= sent.Length - 64);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await await Task.WhenAny(sent)).StatusCode);
        host.Slow.Start.SetResult();
        host.Slow.Stop.SetResult();
        await start;
        var statuses = (await Task.WhenAll(sent)).Select(answer => answer.StatusCode).ToArray();

        Assert.InRange(statuses.Count(status => status == HttpStatusCode.OK), 60, 64);
    }

    private sealed class SlowHost : IAsyncDisposable
    {
        public SlowHost()
        {
            var (factory, grains) = GrainFactoryProxy.Create();
            grains.Add<IEventRouter>(0L, Router);
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton(factory);
            builder.Services.AddSingleton<TimeProvider>(Time);
            builder.AddClientApi(options =>
            {
                (options.WriteKeys, options.ReadKeys, options.AdminKeys, options.Console) = ([ApiHost.WriteKey], [ApiHost.ReadKey], [ApiHost.AdminKey], false);

                // Room for all that are held: on a slow machine some would find none when they go on, and be turned away by another limit than the gate's.
                options.IngestionBytesMax = 1 << 30;
            });
            builder.Services.AddSingleton<IHostedService>(Slow);
            App = builder.Build();
            App.MapClientApi();
        }

        public WebApplication App { get; }

        public FakeEventRouter Router { get; } = new();

        public SlowService Slow { get; } = new();

        public ManualTimers Time { get; } = new();

        public HttpClient NewClient() => new()
        {
            BaseAddress = new Uri(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
            Timeout = ApiHost.Deadline,
        };

        public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string body = IngestionTests.OneTrack)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/batch") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            request.Headers.Add("X-Write-Key", ApiHost.WriteKey);
            return await client.SendAsync(request);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }

    private sealed class SlowService : IHostedService
    {
        public TaskCompletionSource Starting { get; } = New();

        public TaskCompletionSource Start { get; } = New();

        public TaskCompletionSource Stopping { get; } = New();

        public TaskCompletionSource Stop { get; } = New();

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starting.TrySetResult();
            return Start.Task;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            Stopping.TrySetResult();
            return Stop.Task;
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Timers that the test lets expire, by the time they were set to.</summary>
internal sealed class ManualTimers : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan Due, Action Fire)> _timers = [];

    public override DateTimeOffset GetUtcNow() => TestTime.Noon;

    public int Waiting(TimeSpan due)
    {
        lock (_lock)
        {
            return _timers.Count(timer => timer.Due == due);
        }
    }

    public void Fire(TimeSpan due)
    {
        Action[] fired;
        lock (_lock)
        {
            fired = [.. _timers.Where(timer => timer.Due == due).Select(timer => timer.Fire)];
        }

        Array.ForEach(fired, fire => fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            _timers.Add((dueTime, () => callback(state)));
        }

        return new Handle();
    }

    private sealed class Handle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
