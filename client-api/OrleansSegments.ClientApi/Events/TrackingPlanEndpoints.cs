using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Orleans;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>What properties events must have, by JSON Schema.</summary>
internal static class TrackingPlanEndpoints
{
    /// <summary>Bytes of a plan: a thousand events of a dozen properties are half of it.</summary>
    private const int PlanBytesMax = 1_048_576;

    public static RouteGroupBuilder MapTrackingPlan(this RouteGroupBuilder v1)
    {
        v1.MapGroup("").RequireKey(KeyRights.Read).WithTags("Events").MapGet("tracking-plan", GetAsync)
            .WithName("tracking-plan").WithSummary("The tracking plan in force; plan is null when there is none")
            .Produces<TrackingPlanAnswer>().ProducesErrors(401, 403, 429, 503);
        var commands = v1.MapGroup("tracking-plan").RequireKey(KeyRights.Admin).WithTags("Events");
        commands.MapPut("", PutAsync)
            .WithName("tracking-plan-put").WithSummary("Replaces the tracking plan")
            .WithDescription(
                "track names a JSON Schema of the properties for each event, * for all others; identify, group, page and screen have one each, of traits or properties. "
                + "violations says what happens to an event that does not fit: flag (the default) takes it and lists the violation in GET /v1/events/catalogue; "
                + "refuse rejects it alone, with the code plan_violation. In force on return, on other silos within two seconds.")
            .AddOpenApiOperationTransformer((operation, _, _) => DescribeBody(operation))
            .Produces<TrackingPlanAnswer>().ProducesErrors(400, 401, 403, 413, 429, 503);
        commands.MapDelete("", DeleteAsync)
            .WithName("tracking-plan-delete").WithSummary("Removes the tracking plan: no event is checked")
            .Produces<TrackingPlanAnswer>().ProducesErrors(401, 403, 429, 503);
        return v1;
    }

    private static async Task<IResult> GetAsync(IGrainFactory grains) => Answer(await Grain(grains).Get());

    private static async Task<IResult> PutAsync(HttpContext context, IGrainFactory grains)
    {
        var body = await RequestBody.ReadAsync(context.Request, PlanBytesMax, mayHold: null, context.RequestAborted);
        if (body.Error is not null)
        {
            return body.Error.ToResult();
        }

        var receipt = body.Bytes.IsEmpty
            ? new TrackingPlanReceipt(new TrackingPlan(0, ""), "The body is empty; DELETE removes the plan.")
            : await Grain(grains).Put(Encoding.UTF8.GetString(body.Bytes.Span));
        return receipt.Problem is { } problem
            ? ApiError.BadRequest("invalid_tracking_plan", $"{problem} The plan in force has not changed. An example: {{\"violations\":\"refuse\",\"track\":{{\"Order Completed\":{{\"required\":[\"revenue\"]}}}}}}.").ToResult()
            : Answer(receipt.Plan);
    }

    private static async Task<IResult> DeleteAsync(IGrainFactory grains) => Answer((await Grain(grains).Put("")).Plan);

    private static ITrackingPlanGrain Grain(IGrainFactory grains) => grains.GetGrain<ITrackingPlanGrain>(0);

    private static IResult Answer(TrackingPlan plan) => Results.Json(
        new TrackingPlanAnswer(plan.Version, plan.Json.Length == 0 ? null : JsonElement.Parse(plan.Json)), TrackingPlanJson.Default.TrackingPlanAnswer);

    private static Task DescribeBody(OpenApiOperation operation)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } },
        };
        return Task.CompletedTask;
    }
}

/// <param name="Version">Grows by one with every change.</param>
/// <param name="Plan">As it was sent; null for none.</param>
internal sealed record TrackingPlanAnswer(int Version, JsonElement? Plan);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(TrackingPlanAnswer))]
internal sealed partial class TrackingPlanJson : JsonSerializerContext;
