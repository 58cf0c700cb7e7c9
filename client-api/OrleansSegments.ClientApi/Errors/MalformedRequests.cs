using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansSegments.ClientApi.Errors;

/// <summary>
/// Gives a body to the requests that the server refuses before any middleware sees them, such as a path with %00. The server tells of them
/// by a diagnostic event and has an empty answer ready; starting the response here, with the body behind its head, takes that answer's
/// place. Only HTTP/1.1 has such requests: the later versions reset the stream.
/// </summary>
internal sealed class MalformedRequests : IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public static void Answer(WebApplication app) =>
        app.Services.GetRequiredService<DiagnosticListener>().Subscribe(new MalformedRequests(), name => name == BadRequest);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not IFeatureCollection features
            || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException problem
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || features.Get<IHttp2StreamIdFeature>() is not null
            || features.Get<IConnectionTransportFeature>() is not { } connection)
        {
            return;
        }

        var message = $"The request is malformed: {problem.Message} Percent-encode what a path or query may not hold; no path holds %00.";
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ErrorAnswer(false, "invalid_request", message, new ErrorDetail("invalid_request", message)), ErrorsJson.Default.ErrorAnswer);
        response.StatusCode = problem.StatusCode;
        response.Headers.ContentType = "application/json; charset=utf-8";
        response.Headers.ContentLength = body.Length;
        response.Headers.Connection = "close";
        if (features.Get<IHttpResponseBodyFeature>()?.StartAsync().IsCompletedSuccessfully == true)
        {
            // The connection ends behind this answer; a client that is gone by then needs none.
            _ = connection.Transport.Output.WriteAsync(body).AsTask();
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
