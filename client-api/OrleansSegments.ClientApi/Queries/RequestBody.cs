using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>
/// A request body in its own buffer, regardless of the media type. The middleware has decompressed it and enforces the size limit.
/// </summary>
/// <param name="Error">Why the body could not be read; otherwise null.</param>
internal readonly record struct RequestBody(ReadOnlyMemory<byte> Bytes, ApiError? Error)
{
    /// <param name="bytesMax">The endpoint's limit, after decompression.</param>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int bytesMax, CancellationToken cancellationToken)
    {
        // The decompression middleware removes the header of encodings it has handled.
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return new RequestBody(default, new ApiError(
                StatusCodes.Status415UnsupportedMediaType,
                "unsupported_encoding",
                $"Content-Encoding is {encoding}; only gzip or none is supported. Send the body as gzip or uncompressed."));
        }

        try
        {
            var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, bytesMax));
            await request.Body.CopyToAsync(body, cancellationToken);
            return new RequestBody(body.GetBuffer().AsMemory(0, (int)body.Length), null);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return new RequestBody(default, new ApiError(
                StatusCodes.Status413PayloadTooLarge,
                "request_too_large",
                $"The body has more than {bytesMax} bytes after decompression; nothing was accepted. Send smaller batches."));
        }
        catch (InvalidDataException)
        {
            return new RequestBody(default, ApiError.BadRequest(
                "invalid_gzip", "Content-Encoding says gzip but the body is not valid gzip. Compress it, or leave the header out."));
        }
    }
}
