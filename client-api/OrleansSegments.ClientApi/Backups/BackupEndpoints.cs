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

/// <summary>Online backups of the store.</summary>
internal static partial class BackupEndpoints
{
    public static RouteGroupBuilder MapBackups(this RouteGroupBuilder v1)
    {
        v1.MapPost("admin/backup", BackUpAsync).RequireKey(KeyRights.Admin).WithTags("Admin")
            .WithName("admin-backup").WithSummary("Backs up the data folder while the silo runs; answers when the copy is durable. `name` names the new folder")
            .Produces<BackupReport>().ProducesErrors(400, 401, 403, 409, 500, 501);
        return v1;
    }

    private static async Task<IResult> BackUpAsync(string? name, HttpContext context)
    {
        if (name is not null && !NameRule().IsMatch(name))
        {
            return ApiError.BadRequest(
                "invalid_name",
                $"name is '{name}'; it must be 1 to 100 letters, digits, dots, dashes and underscores, begin with a letter or digit and not end with .partial. Leave it out to get a name made of the time.").ToResult();
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

/// <summary>Backs up this process's store. The host registers an implementation when the store is the embedded one.</summary>
public interface IStoreBackup
{
    /// <param name="name">Name of the new folder in the backup folder; null to get one made of the time.</param>
    /// <exception cref="IOException">Thrown when the backup cannot be written; the message names the path, the reason and the
    /// cure.</exception>
    Task<BackupOutcome> MakeAsync(string? name, CancellationToken cancellationToken);
}

/// <summary>The report of a finished backup, or why none was made and what to do about it.</summary>
public sealed record BackupOutcome(BackupReport? Report, string? Conflict = null);

/// <summary>A backup that was made or restored.</summary>
/// <param name="Path">The path as seen by the process that made it.</param>
public sealed record BackupReport(string Path, DateTimeOffset MadeAt, string Product, int Files, long Bytes, StoreContents Contents);

/// <summary>Key figures of a store's contents, used to compare two stores.</summary>
/// <param name="Segments">Segments that have customers; their sizes add up to <paramref name="Customers"/>.</param>
/// <param name="LastTransition">Sequence number of the newest transition.</param>
/// <param name="ModelVersion">Version of the published model; 0 before the first training.</param>
/// <param name="CatalogueHash">Hash of the feature catalogue that the model was trained with; null before the first training.</param>
public sealed record StoreContents(long Customers, StoredSegment[] Segments, long LastTransition, int ModelVersion, string? CatalogueHash);

public sealed record StoredSegment(string Id, string? Name, long Size);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(BackupReport))]
internal sealed partial class BackupsJson : JsonSerializerContext;
