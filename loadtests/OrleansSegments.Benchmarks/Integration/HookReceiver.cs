using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansSegments.Benchmarks.Integration;

/// <summary>
/// The receivers of all webhooks: /ID for each. Keeps when the customers of the benchmark arrived at those that work. The others answer 500 or nothing at all.
/// </summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Customer, long At)> _arrived = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HookReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>How a receiver fails; null while it works.</summary>
    public Func<int, HookFailure?> FailureOf { get; set; } = static _ => null;

    public int ArrivedCount => _arrived.Count;

    public static async Task<HookReceiver> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var receiver = new HookReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>All arrivals since the last call.</summary>
    public IReadOnlyList<(string Customer, long At)> Take()
    {
        List<(string Customer, long At)> taken = [];
        while (_arrived.TryDequeue(out var one))
        {
            taken.Add(one);
        }

        return taken;
    }

    public ValueTask DisposeAsync()
    {
        _end.SetResult();
        return _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        int number = int.Parse(context.Request.Path.Value!.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        switch (FailureOf(number))
        {
            case HookFailure.Error:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case HookFailure.Hang:
                await Task.WhenAny(_end.Task, Task.Delay(Timeout.Infinite, context.RequestAborted));
                break;
            default:
                long at = Stopwatch.GetTimestamp();
                using (JsonDocument message = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))
                {
                    _arrived.Enqueue((message.RootElement.GetProperty("data").GetProperty("customerId").GetString()!, at));
                }

                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }
}

/// <summary>Ways to fail that a receiver of its own has; a refused connection is an address where nobody listens.</summary>
internal enum HookFailure
{
    Error,
    Hang,
}
