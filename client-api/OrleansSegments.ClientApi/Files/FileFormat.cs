using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Queries;

namespace OrleansSegments.ClientApi.Files;

/// <summary>The formats of a streamed list.</summary>
internal enum FileFormat
{
    Csv,
    Ndjson,
}

/// <summary>Finds out whether a request asks for a file instead of a page of JSON.</summary>
internal static class FileFormats
{
    private const string CsvType = "text/csv";
    private const string NdjsonType = "application/x-ndjson";

    /// <summary>The query's format wins over the header Accept, because links cannot set one. Null for a page.</summary>
    public static bool TryRead(HttpRequest request, string? format, out FileFormat? file, out ApiError? error)
    {
        error = null;
        file = format switch
        {
            "csv" => FileFormat.Csv,
            "ndjson" => FileFormat.Ndjson,
            null => Accepted(request),
            _ => null,
        };
        if (format is not null && file is null)
        {
            error = QueryParameters.Invalid("format", format, "it must be csv or ndjson", "leave it out for pages of JSON");
        }

        return error is null;
    }

    public static string ContentType(this FileFormat format) => format == FileFormat.Csv ? $"{CsvType}; charset=utf-8" : NdjsonType;

    private static FileFormat? Accepted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Where(type => type.Quality is not 0).OrderByDescending(type => type.Quality ?? 1).FirstOrDefault()?.MediaType.Value switch
        {
            CsvType => FileFormat.Csv,
            NdjsonType => FileFormat.Ndjson,
            _ => null,
        };
}
