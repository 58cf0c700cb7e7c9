using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Queries;

namespace OrleansSegments.ClientApi.Models;

/// <summary>Reads the optional body of a training; no body asks for the defaults.</summary>
internal static class TrainingDemandReader
{
    private const int BodyBytesMax = 4_096;

    public static async Task<(TrainingDemand? Demand, ApiError? Error)> ReadAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, BodyBytesMax, context.RequestAborted);
        if (body.Error is not null || body.Bytes.IsEmpty)
        {
            return (new TrainingDemand(), body.Error);
        }

        try
        {
            var demand = JsonSerializer.Deserialize(body.Bytes.Span, ClientApiJson.Default.TrainingDemand) ?? new TrainingDemand();
            return demand.Segments is < TrainingDemand.SegmentsMin or > TrainingDemand.SegmentsMax
                ? (null, QueryNumbers.Invalid(
                    "segments",
                    demand.Segments.Value.ToString(),
                    $"it must be {TrainingDemand.SegmentsMin} to {TrainingDemand.SegmentsMax}",
                    "leave it out to let the trainer choose"))
                : (demand, null);
        }
        catch (JsonException exception)
        {
            return (null, ApiError.BadRequest(
                "invalid_json",
                $"The body is not what a training takes: {exception.Message} "
                + "Send {\"segments\":8,\"replan\":false,\"force\":false}, any part of it, or nothing."));
        }
    }
}
