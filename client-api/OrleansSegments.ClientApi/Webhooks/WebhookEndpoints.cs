using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Orleans;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Webhooks;

namespace OrleansSegments.ClientApi.Webhooks;

/// <summary>Webhooks: who is told of transitions, and how far they are.</summary>
internal static class WebhookEndpoints
{
    /// <summary>An address and the filters are less than half of it.</summary>
    private const int BodyBytesMax = 16_384;

    public static RouteGroupBuilder MapWebhooks(this RouteGroupBuilder v1)
    {
        var webhooks = v1.MapGroup("webhooks").RequireKey(KeyRights.Admin).WithTags("Webhooks");
        webhooks.MapPost("", AddAsync).AddOpenApiOperationTransformer(DescribeBodyAsync)
            .WithName("webhooks-add").WithSummary("Makes a webhook: every transition from now on is sent to its url")
            .WithDescription(
                "Messages are signed by the Standard Webhooks scheme with the secret of this answer, which is not shown again. Each is sent until the receiver answers 2xx, of each customer in order; "
                + "repeats have the same webhook-id. 410 disables the webhook, as do failures alone for Webhooks:DisableAfter (a day). docs/integration.md describes the messages.")
            .Produces<WebhookSecretAnswer>(StatusCodes.Status201Created).ProducesErrors(400, 401, 403, 409, 413, 429, 503);
        webhooks.MapGet("", ListAsync)
            .WithName("webhooks").WithSummary("All webhooks, the oldest first").Produces<WebhooksAnswer>().ProducesErrors(401, 403, 429, 503);
        webhooks.MapGet("{id}", GetAsync)
            .WithName("webhook").WithSummary("One webhook with its last 20 deliveries").Produces<WebhookAnswer>().ProducesErrors(401, 403, 404, 429, 503);
        webhooks.MapPatch("{id}", ChangeAsync).AddOpenApiOperationTransformer(DescribeBodyAsync)
            .WithName("webhook-change").WithSummary("Changes what the body names; enabled continues or stops the deliveries")
            .Produces<WebhookView>().ProducesErrors(400, 401, 403, 404, 413, 429, 503);
        webhooks.MapDelete("{id}", DeleteAsync)
            .WithName("webhook-delete").WithSummary("Removes a webhook").Produces(StatusCodes.Status204NoContent).ProducesErrors(401, 403, 404, 429, 503);
        webhooks.MapPost("{id}/test", TestAsync)
            .WithName("webhook-test").WithSummary("Sends a test message now and answers what came of it").Produces<WebhookDelivery>().ProducesErrors(401, 403, 404, 429, 503);
        webhooks.MapPost("{id}/replay", ReplayAsync)
            .WithName("webhook-replay").WithSummary("Sends everything again from the transition with the sequence `from` on")
            .WithDescription("With the same webhook-id as the first time: a receiver that remembers them must forget them first.")
            .Produces<WebhookView>().ProducesErrors(400, 401, 403, 404, 429, 503);
        webhooks.MapPost("{id}/rotate", RotateAsync)
            .WithName("webhook-rotate").WithSummary("Makes a new secret; for a day messages are signed with both")
            .Produces<WebhookSecretAnswer>().ProducesErrors(401, 403, 404, 429, 503);
        return v1;
    }

    private static async Task<IResult> AddAsync(HttpContext context, IGrainFactory grains)
    {
        var (settings, error) = await ReadAsync(context);
        if (settings is null)
        {
            return error!.ToResult();
        }

        var receipt = await List(grains).Add(settings);
        return receipt.Status == WebhookStatus.Done
            ? Secret(context, receipt, StatusCodes.Status201Created)
            : Refused(receipt).ToResult();
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains) =>
        Results.Json(new WebhooksAnswer(await List(grains).List()), WebhooksJson.Default.WebhooksAnswer);

    private static async Task<IResult> GetAsync(string id, IGrainFactory grains) =>
        Find(id, grains) is { } webhook && await webhook.View() is { } view
            ? Results.Json(new WebhookAnswer(view, await webhook.Deliveries()), WebhooksJson.Default.WebhookAnswer)
            : Unknown(id).ToResult();

    private static async Task<IResult> ChangeAsync(string id, HttpContext context, IGrainFactory grains)
    {
        var (settings, error) = await ReadAsync(context);
        return settings is null ? error!.ToResult() : await AnswerAsync(id, grains, webhook => webhook.Change(settings));
    }

    private static async Task<IResult> DeleteAsync(string id, IGrainFactory grains) =>
        TryParse(id, out var number) && await List(grains).Remove(number) ? Results.NoContent() : Unknown(id).ToResult();

    private static async Task<IResult> TestAsync(string id, IGrainFactory grains) =>
        Find(id, grains) is { } webhook && await webhook.Test() is { } delivery
            ? Results.Json(delivery, WebhooksJson.Default.WebhookDelivery)
            : Unknown(id).ToResult();

    private static async Task<IResult> ReplayAsync(string id, string? from, IGrainFactory grains) =>
        !QueryParameters.TryReadSequence("from", from ?? "", out var sequence, out var error)
            ? error!.ToResult()
            : await AnswerAsync(id, grains, webhook => webhook.Replay(sequence!.Value));

    private static async Task<IResult> RotateAsync(string id, HttpContext context, IGrainFactory grains) =>
        Find(id, grains) is { } webhook && await webhook.Rotate() is { Status: WebhookStatus.Done } receipt
            ? Secret(context, receipt, StatusCodes.Status200OK)
            : Unknown(id).ToResult();

    private static async Task<IResult> AnswerAsync(string id, IGrainFactory grains, Func<IWebhookGrain, Task<WebhookReceipt>> act)
    {
        var receipt = Find(id, grains) is { } webhook ? await act(webhook) : new WebhookReceipt(WebhookStatus.NotFound);
        return receipt.Status == WebhookStatus.Done ? Results.Json(receipt.Webhook, WebhooksJson.Default.WebhookView) : Refused(receipt, id).ToResult();
    }

    private static async Task<(WebhookSettings? Settings, ApiError? Error)> ReadAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, BodyBytesMax, mayHold: null, context.RequestAborted);
        if (body.Error is not null)
        {
            return (null, body.Error);
        }

        try
        {
            return (JsonSerializer.Deserialize(body.Bytes.Span, WebhooksJson.Default.WebhookSettings) ?? new WebhookSettings(), null);
        }
        catch (JsonException exception)
        {
            return (null, ApiError.BadRequest(
                "invalid_json",
                $"The body is not a valid webhook: {exception.Message} "
                + "Send {\"url\":\"https://example.com/hook\"}, and as you like segments, causes, format, writeKey and enabled."));
        }
    }

    private static IResult Secret(HttpContext context, WebhookReceipt receipt, int status)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new WebhookSecretAnswer(receipt.Webhook!, receipt.Secret!), WebhooksJson.Default.WebhookSecretAnswer, statusCode: status);
    }

    private static ApiError Refused(WebhookReceipt receipt, string id = "") => receipt.Status switch
    {
        WebhookStatus.Full => new ApiError(StatusCodes.Status409Conflict, "too_many_webhooks", receipt.Problem!),
        WebhookStatus.Invalid => ApiError.BadRequest("invalid_webhook", receipt.Problem!),
        _ => Unknown(id),
    };

    private static async Task DescribeBodyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken) =>
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(WebhookSettings), parameterDescription: null, cancellationToken) },
            },
        };

    private static ApiError Unknown(string id) => ApiError.NotFound($"There is no webhook {id}; GET /v1/webhooks lists all.");

    private static IWebhookList List(IGrainFactory grains) => grains.GetGrain<IWebhookList>(0);

    private static IWebhookGrain? Find(string id, IGrainFactory grains) => TryParse(id, out var number) ? grains.GetGrain<IWebhookGrain>(number) : null;

    private static bool TryParse(string id, out long number) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>The answer of GET /v1/webhooks.</summary>
internal sealed record WebhooksAnswer(WebhookView[] Webhooks);

/// <param name="Deliveries">The newest first.</param>
internal sealed record WebhookAnswer(WebhookView Webhook, WebhookDelivery[] Deliveries);

/// <param name="Secret">With which receivers verify messages; not shown again.</param>
internal sealed record WebhookSecretAnswer(WebhookView Webhook, string Secret);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(WebhooksAnswer))]
[JsonSerializable(typeof(WebhookAnswer))]
[JsonSerializable(typeof(WebhookSecretAnswer))]
[JsonSerializable(typeof(WebhookSettings))]
internal sealed partial class WebhooksJson : JsonSerializerContext;
