using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>A request's body in a buffer of its own, whatever the media type says; the middleware has decompressed it and holds it to the limit.</summary>
/// <param name="Error">Why there is no body; null when there is one.</param>
internal readonly record struct RequestBody(ReadOnlyMemory<byte> Bytes, ApiError? Error)
{
    /// <param name="bytesMax">The limit of the endpoint, after decompression.</param>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int bytesMax, CancellationToken cancellationToken)
    {
        // The middleware takes the header away where it decompresses.
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return new RequestBody(default, new ApiError(
                StatusCodes.Status415UnsupportedMediaType,
                "unsupported_encoding",
                $"Content-Encoding is {encoding}; gzip or none is taken. Send the body as gzip or uncompressed."));
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
                $"The body has more than {bytesMax} bytes after decompression; nothing of it was taken. Send smaller batches."));
        }
        catch (InvalidDataException)
        {
            return new RequestBody(default, ApiError.BadRequest(
                "invalid_gzip", "Content-Encoding says gzip but the body is not valid gzip. Compress it, or leave the header out."));
        }
    }
}
