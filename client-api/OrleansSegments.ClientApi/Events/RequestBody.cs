using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Events;

/// <summary>A request's body, decompressed, in a buffer of its own; whatever the media type says.</summary>
/// <param name="Error">Why there is no body; null when there is one.</param>
internal readonly record struct RequestBody(ReadOnlyMemory<byte> Bytes, ApiError? Error)
{
    private const int FirstBufferBytes = 16 * 1024;

    /// <summary>Reads at most <paramref name="bytesMax"/> bytes after decompression, however little was sent: no bomb gets through.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int bytesMax, CancellationToken cancellationToken)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return request.ContentLength switch
            {
                { } length when length > bytesMax => TooLarge(bytesMax),
                { } length => await ReadExactlyAsync(request.Body, (int)length, cancellationToken),
                null => await ReadToEndAsync(request.Body, bytesMax, cancellationToken),
            };
        }

        if (!encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase))
        {
            return new RequestBody(default, new ApiError(
                StatusCodes.Status415UnsupportedMediaType,
                "unsupported_encoding",
                $"Content-Encoding is {encoding}; gzip or none is taken. Send the body as gzip or uncompressed."));
        }

        try
        {
            await using var gzip = new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true);
            return await ReadToEndAsync(gzip, bytesMax, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return new RequestBody(default, ApiError.BadRequest(
                "invalid_gzip", "Content-Encoding says gzip but the body is not valid gzip. Compress it, or leave the header out."));
        }
    }

    private static async ValueTask<RequestBody> ReadExactlyAsync(Stream stream, int length, CancellationToken cancellationToken)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(length);
        await stream.ReadExactlyAsync(buffer, cancellationToken);
        return new RequestBody(buffer, null);
    }

    private static async ValueTask<RequestBody> ReadToEndAsync(Stream stream, int bytesMax, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            var length = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
                length += read;
                if (length > bytesMax)
                {
                    return TooLarge(bytesMax);
                }

                if (read == 0)
                {
                    // The events keep slices, so the pooled buffer cannot be theirs.
                    return new RequestBody(buffer.AsSpan(0, length).ToArray(), null);
                }

                buffer = length == buffer.Length ? Grown(buffer) : buffer;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grown(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static RequestBody TooLarge(int bytesMax) => new(default, new ApiError(
        StatusCodes.Status413PayloadTooLarge,
        "request_too_large",
        $"The body has more than {bytesMax} bytes after decompression; nothing of it was taken. Send smaller batches."));
}
