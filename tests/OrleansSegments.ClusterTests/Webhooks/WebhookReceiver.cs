using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansSegments.ClusterTests.Webhooks;

/// <summary>A receiver of webhooks on loopback that keeps what it got and answers as the test says; by default 204.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedMessage> _got = new();

    private WebhookReceiver(WebApplication app) => _app = app;

    public Func<ReceivedMessage, HttpContext, Task> Answer { get; set; } = static (_, context) =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public string Url => $"{_app.Urls.Single()}/hook";

    public ReceivedMessage[] Got => [.. _got];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var message = new ReceivedMessage(await reader.ReadToEndAsync(), new HeaderDictionary(context.Request.Headers.ToDictionary()));
        _got.Enqueue(message);
        await Answer(message, context);
    }
}

internal sealed record ReceivedMessage(string Body, HeaderDictionary Headers)
{
    public string Id => Headers["webhook-id"].ToString();

    public JsonElement Json { get; } = JsonElement.Parse(Body);

    /// <summary>The part that says what happened.</summary>
    public JsonElement Data => Json.GetProperty("data");

    public string Customer => Data.GetProperty("customerId").GetString()!;

    public long Sequence => Data.GetProperty("sequence").GetInt64();
}
