using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Renews the keys that the host made itself.</summary>
internal static class KeyEndpoints
{
    public static RouteGroupBuilder MapKeys(this RouteGroupBuilder v1)
    {
        v1.MapPost("admin/keys/rotate", Rotate).RequireKey(KeyRights.Admin).WithTags("Admin")
            .WithName("admin-keys-rotate").WithSummary("Makes a new key. `kind` is write, read or admin")
            .WithDescription(
                $"Of generated keys, which are kept in {GeneratedKeys.FileName} of the data folder: the new key is valid at once and the previous one stays valid until the next rotation of its kind. "
                + "Configured keys are renewed in the settings, where each kind is a list: add the new key, move the clients, remove the old one. Settings files are read again without a restart.")
            .Produces<KeyAnswer>().ProducesErrors(400, 401, 403, 409);
        return v1;
    }

    private static IResult Rotate(string? kind, HttpContext context, GeneratedKeys keys)
    {
        var setting = GeneratedKeys.SettingOf(kind);
        if (setting is null)
        {
            return ApiError.BadRequest("invalid_kind", $"kind is \"{kind}\"; it must be write, read or admin: /v1/admin/keys/rotate?kind=write.").ToResult();
        }

        if (keys.File is null)
        {
            return new ApiError(
                StatusCodes.Status409Conflict,
                "keys_not_kept",
                $"The keys are configured, or were generated without a data folder to keep them in. Change ClientApi:{setting} in the settings; each kind is a list, so that the old and the new key are valid together.").ToResult();
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(new KeyAnswer(kind!, keys.Rotate(setting)), KeysJson.Default.KeyAnswer);
    }
}

/// <summary>A new key; the previous one of its kind stays valid.</summary>
internal sealed record KeyAnswer(string Kind, string Key);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(KeyAnswer))]
internal sealed partial class KeysJson : JsonSerializerContext;
