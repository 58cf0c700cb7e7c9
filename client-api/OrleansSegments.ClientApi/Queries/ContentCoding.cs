using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>
/// Prepares Content-Encoding for the decompression middleware, which knows one coding by one name: x-gzip is gzip, and identity is
/// nothing. A body that is announced as gzip and is none is refused here, while its first bytes can be seen.
/// </summary>
internal static class ContentCoding
{
    private const string Gzip = "gzip";

    private static readonly object Packed = new();

    public static void UseContentCoding(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0)
        {
            var codings = Simplify(request.Headers.ContentEncoding.ToString());
            request.Headers.ContentEncoding = codings;
            context.Items[Packed] = codings;
            if (codings == Gzip && !await StartsAsGzipAsync(request))
            {
                await ApiError.BadRequest(
                    "invalid_gzip", "Content-Encoding says gzip and the body is not gzip; nothing was accepted. Compress it, or leave the header out.").ToResult().ExecuteAsync(context);
                return;
            }
        }

        await next(context);
    });

    /// <summary>Whether the body was sent packed; the header is gone once the body is unpacked.</summary>
    public static bool IsPacked(HttpRequest request) => request.HttpContext.Items.TryGetValue(Packed, out var codings) && codings is not null;

    /// <summary>The codings other than identity; null when there is none.</summary>
    private static string? Simplify(string codings)
    {
        var left = codings.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(coding => coding.ToLowerInvariant() is Gzip or "x-gzip" ? Gzip : coding)
            .Where(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        return left.Length == 0 ? null : string.Join(", ", left);
    }

    private static async ValueTask<bool> StartsAsGzipAsync(HttpRequest request)
    {
        const int magicBytes = 2;
        ReadOnlySequence<byte> seen;
        try
        {
            seen = (await request.BodyReader.ReadAtLeastAsync(magicBytes, request.HttpContext.RequestAborted)).Buffer;
        }
        catch (BadHttpRequestException)
        {
            // Too large: the endpoint meets the same refusal when it reads, and answers it.
            return true;
        }

        var isGzip = seen.Length >= magicBytes && StartsAsGzip(seen);

        // Nothing is consumed: the endpoint reads the body from its first byte.
        request.BodyReader.AdvanceTo(seen.Start);
        return isGzip;
    }

    private static bool StartsAsGzip(ReadOnlySequence<byte> seen)
    {
        var bytes = new SequenceReader<byte>(seen);
        return bytes.TryRead(out var first) && bytes.TryRead(out var second) && (first, second) == (0x1F, 0x8B);
    }
}
