using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Models;

namespace OrleansSegments.ClientApi.Models;

/// <summary>Endpoints of models: the published one, earlier ones, roll-out and training progress, training and re-publishing.</summary>
internal static class ModelEndpoints
{
    public static RouteGroupBuilder MapModels(this RouteGroupBuilder v1)
    {
        var queries = v1.MapGroup("").RequireKey(KeyRights.Read).WithTags("Models");
        queries.MapGet("model", CurrentAsync)
            .WithName("model").WithSummary("The published model").Produces<ModelAnswer>().ProducesErrors(401, 403, 429, 503);
        queries.MapGet("models", ListAsync)
            .WithName("models").WithSummary("All kept models, newest first, with quality and reasons")
            .Produces<ModelsAnswer>().ProducesErrors(401, 403, 429, 503);
        queries.MapGet("models/{version}", FindAsync)
            .WithName("model-version").WithSummary("One kept model").Produces<ModelAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        queries.MapGet("model/rollout", RolloutAsync)
            .WithName("model-rollout").WithSummary("Progress of the current model's roll-out").Produces<RolloutProgress>().ProducesErrors(401, 403, 429, 503);
        queries.MapGet("model/training", TrainingAsync)
            .WithName("model-training").WithSummary("What the trainer does now, did last and does next").Produces<TrainingProgress>().ProducesErrors(401, 403, 429, 503);

        var commands = v1.MapGroup("").RequireKey(KeyRights.Admin).WithTags("Models");
        commands.MapPost("model/train", TrainAsync)
            .WithName("model-train").WithSummary("Trains now; answers when the model is published or refused")
            .AddOpenApiOperationTransformer((operation, _, _) => TrainingDescription.DescribeBody(operation))
            .Produces<TrainingAnswer>().ProducesErrors(400, 401, 403, 413, 429, 503);
        commands.MapPost("models/{version}/publish", PublishAsync)
            .WithName("model-publish").WithSummary("Publishes an earlier model again, under a new version")
            .Produces<ModelAnswer>().ProducesErrors(400, 401, 403, 404, 429, 503);
        return v1;
    }

    private static async Task<IResult> CurrentAsync(IGrainFactory grains) => Answer(await Model(grains).Current());

    private static async Task<IResult> ListAsync(IGrainFactory grains) =>
        Results.Json(new ModelsAnswer(await Model(grains).List()), ModelsJson.Default.ModelsAnswer);

    private static async Task<IResult> FindAsync(string version, IGrainFactory grains) =>
        QueryParameters.TryReadVersion(version, out var number, out var error)
            ? await Model(grains).Find(number) is { } model ? Answer(model) : Unknown(number)
            : error!.ToResult();

    private static async Task<IResult> RolloutAsync(IGrainFactory grains) =>
        Results.Json(await Model(grains).Rollout(), ModelsJson.Default.RolloutProgress);

    private static async Task<IResult> TrainingAsync(IGrainFactory grains) =>
        Results.Json(await grains.GetGrain<ITrainingGrain>(0).Progress(), ModelsJson.Default.TrainingProgress);

    private static async Task<IResult> TrainAsync(HttpContext context, IGrainFactory grains)
    {
        var (demand, error) = await TrainingDemandReader.ReadAsync(context);
        if (demand is null || error is not null)
        {
            return error!.ToResult();
        }

        var report = await grains.GetGrain<ITrainingGrain>(0).Train(new TrainingRequest(demand.Segments, demand.Replan, demand.Force));
        return Results.Json(TrainingAnswer.Of(report), ModelsJson.Default.TrainingAnswer);
    }

    private static async Task<IResult> PublishAsync(string version, IGrainFactory grains) =>
        QueryParameters.TryReadVersion(version, out var number, out var error)
            ? await Model(grains).Republish(number) is { } model ? Answer(model) : Unknown(number)
            : error!.ToResult();

    private static IModelGrain Model(IGrainFactory grains) => grains.GetGrain<IModelGrain>(0);

    private static IResult Answer(PublishedModel model) => Results.Json(ModelAnswer.Of(model), ModelsJson.Default.ModelAnswer);

    private static IResult Unknown(int version) =>
        ApiError.NotFound($"Model version {version} is not kept; GET /v1/models lists the kept ones.").ToResult();
}
