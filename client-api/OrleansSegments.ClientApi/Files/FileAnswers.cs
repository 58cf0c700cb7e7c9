using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Exports;

namespace OrleansSegments.ClientApi.Files;

/// <summary>
/// Streams an export of one instant, a page in memory at a time. Headers name the instant and how many lines follow. An answer that cannot be completed ends
/// with a broken connection, never like a whole one.
/// </summary>
internal sealed class FileAnswers(IGrainFactory grains, StoreClock clock, IHostApplicationLifetime lifetime, ILogger<FileAnswers> logger)
{
    public const string Description =
        $"With `format=csv` or `format=ndjson`, or a header Accept of text/csv or application/x-ndjson, everything as of one instant is streamed, a line for each customer. "
        + $"{ExportHeaders.AsOf}, {ExportHeaders.ModelVersion} and {ExportHeaders.Sequence} name the instant, {ExportHeaders.Lines} the number of lines, without that of the column names. "
        + "An answer that breaks off ends with a broken connection.";

    /// <summary>Files that are streamed at once: each holds a snapshot, and on PostgreSQL a connection.</summary>
    private const int OpenMax = 4;

    private int _open;

    public Task<IResult> MembersAsync(HttpContext context, int segmentId, FileFormat format) => StreamAsync(
        context, grain => grain.Members(segmentId), static page => page.Instant, FileLines.Write, format, $"members.{NameOf(format)}");

    public Task<IResult> CustomersAsync(HttpContext context, FileFormat format) => StreamAsync(
        context, static grain => grain.Customers(), static page => page.Instant, FileLines.Write, format, $"customers.{NameOf(format)}");

    private async Task<IResult> StreamAsync<TPage>(
        HttpContext context,
        Func<IExportGrain, IAsyncEnumerable<TPage>> read,
        Func<TPage, ExportInstant> instantOf,
        Action<TPage, bool, FileFormat, ArrayBufferWriter<byte>> write,
        FileFormat format,
        string fileName)
    {
        if (Interlocked.Increment(ref _open) > OpenMax)
        {
            Interlocked.Decrement(ref _open);
            return ServiceErrors.Overloaded($"{OpenMax} files are being streamed, which is the limit.").ToResult();
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            var buffer = new ArrayBufferWriter<byte>();

            // One page per call: a page is large enough.
            await foreach (var page in read(grains.GetGrain<IExportGrain>(Guid.NewGuid())).WithBatchSize(1).WithCancellation(end.Token))
            {
                var isFirst = !context.Response.HasStarted;
                if (isFirst)
                {
                    Begin(context, instantOf(page), format, fileName);
                }

                write(page, isFirst, format, buffer);
                await context.SendAsync(buffer.WrittenMemory, clock.Real, end.Token);
                buffer.ResetWrittenCount();
            }
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            logger.LogDebug("{Path} broke off: {Problem}", context.Request.Path, exception.Message);
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }

        return Results.Empty;
    }

    private static void Begin(HttpContext context, ExportInstant instant, FileFormat format, string fileName)
    {
        context.AllowSlowReader();
        var response = context.Response;
        response.ContentType = format.ContentType();
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        response.Headers.CacheControl = "no-store";
        response.Headers[ExportHeaders.AsOf] = $"{instant.AsOf:O}";
        response.Headers[ExportHeaders.ModelVersion] = $"{instant.ModelVersion}";
        response.Headers[ExportHeaders.Sequence] = $"{instant.Sequence}";
        response.Headers[ExportHeaders.Lines] = $"{instant.Lines}";
    }

    private static string NameOf(FileFormat format) => format == FileFormat.Csv ? "csv" : "ndjson";
}

/// <summary>The headers of a file: what it speaks of.</summary>
public static class ExportHeaders
{
    public const string AsOf = "Export-As-Of";
    public const string ModelVersion = "Export-Model-Version";
    public const string Sequence = "Export-Sequence";

    /// <summary>The number of customers in the file.</summary>
    public const string Lines = "Export-Lines";
}
