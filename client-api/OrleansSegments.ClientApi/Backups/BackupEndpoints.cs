using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.OpenApi;

namespace OrleansSegments.ClientApi.Backups;

/// <summary>Backups of the store while it serves.</summary>
internal static partial class BackupEndpoints
{
    public static RouteGroupBuilder MapBackups(this RouteGroupBuilder v1)
    {
        v1.MapPost("admin/backup", BackUpAsync).RequireKey(KeyRights.Admin).WithTags("Admin")
            .WithName("admin-backup").WithSummary("Makes a consistent copy of the data folder; answers when it is durable. `name` is of a new folder beside the data folder")
            .Produces<BackupReport>().ProducesErrors(400, 401, 403, 409, 500, 501);
        return v1;
    }

    private static async Task<IResult> BackUpAsync(string? name, HttpContext context)
    {
        if (name is not null && !NameRule().IsMatch(name))
        {
            return ApiError.BadRequest(
                "invalid_name",
                $"name is '{name}'; it must be 1 to 100 letters, digits, dots, dashes and underscores, begin with a letter or digit and not end with .partial. Leave it out to have one made.").ToResult();
        }

        if (context.RequestServices.GetService<IStoreBackup>() is not { } backup)
        {
            return new ApiError(
                StatusCodes.Status501NotImplemented,
                "store_is_postgresql",
                "The store is on PostgreSQL, which has tools for this: dump its schema with pg_dump, or make base backups of the server. docs/operations.md has the commands.").ToResult();
        }

        try
        {
            BackupOutcome outcome = await backup.MakeAsync(name, context.RequestAborted);
            return outcome.Report is { } report
                ? Results.Json(report, BackupsJson.Default.BackupReport)
                : new ApiError(StatusCodes.Status409Conflict, "conflict", outcome.Conflict!).ToResult();
        }
        catch (IOException problem)
        {
            return new ApiError(StatusCodes.Status500InternalServerError, "backup_failed", problem.Message).ToResult();
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z(?<!\.partial)")]
    private static partial Regex NameRule();
}

/// <summary>Backs the store of this process up. The host registers one where the store is a data folder.</summary>
public interface IStoreBackup
{
    /// <param name="name">Of a new folder below the one for backups; null to have one made of the time.</param>
    /// <exception cref="IOException">It cannot be written; the message says what, why and the cure.</exception>
    Task<BackupOutcome> MakeAsync(string? name, CancellationToken cancellationToken);
}

/// <summary>A backup; or what stands in its way, and the cure.</summary>
public sealed record BackupOutcome(BackupReport? Report, string? Conflict = null);

/// <summary>A backup that was made or restored.</summary>
/// <param name="Path">Where the process that made it sees it.</param>
public sealed record BackupReport(string Path, DateTimeOffset MadeAt, string Product, int Files, long Bytes, StoreContents Contents);

/// <summary>What a store holds, in numbers by which two stores are compared.</summary>
/// <param name="Segments">Those that have customers; their sizes add up to the customers.</param>
/// <param name="LastTransition">The sequence of the newest change of segment.</param>
/// <param name="ModelVersion">The published model's; 0 before the first training.</param>
/// <param name="CatalogueHash">Of the feature catalogue that the model was trained with; null before the first training.</param>
public sealed record StoreContents(long Customers, StoredSegment[] Segments, long LastTransition, int ModelVersion, string? CatalogueHash);

public sealed record StoredSegment(string Id, string? Name, long Size);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(BackupReport))]
internal sealed partial class BackupsJson : JsonSerializerContext;
