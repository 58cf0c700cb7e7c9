using System.Buffers;
using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>
/// A request body in a pooled buffer, regardless of the media type. The middleware has decompressed it and enforces the size limit.
/// </summary>
/// <param name="Bytes">UTF-8 as far as its beginning tells, without a byte order mark.</param>
/// <param name="Error">Why the body could not be read; otherwise null.</param>
internal readonly record struct RequestBody(ReadOnlyMemory<byte> Bytes, ApiError? Error)
{
    private const int BufferBytesMin = 4_096;

    private byte[]? Buffer { get; init; }

    /// <param name="bytesMax">The endpoint's limit, after decompression.</param>
    /// <param name="mayHold">Asked before the buffer takes these bytes altogether; null when nobody counts them.</param>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int bytesMax, Func<int, ApiError?>? mayHold, CancellationToken cancellationToken)
    {
        // The middleware removes the header of the encodings that it has handled.
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding)
        {
            return Refused(new ApiError(
                StatusCodes.Status415UnsupportedMediaType,
                "unsupported_encoding",
                $"Content-Encoding is {encoding}; only gzip or none is supported. Send the body as gzip or uncompressed."));
        }

        var pool = ArrayPool<byte>.Shared;

        // One byte more than the body: a full buffer would not tell whether the body has ended.
        var buffer = pool.Rent((int)Math.Min(request.ContentLength ?? BufferBytesMin, bytesMax) + 1);
        try
        {
            var length = 0;
            while (await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
                if (length == buffer.Length)
                {
                    var size = Math.Min(Math.Max(2 * length, BufferBytesMin), Math.Max(bytesMax, length) + 1);
                    if (mayHold?.Invoke(size) is { } full)
                    {
                        return Refused(full);
                    }

                    var larger = pool.Rent(size);
                    buffer.CopyTo(larger, 0);
                    pool.Return(buffer);
                    buffer = larger;
                }
            }

            return Decoded(buffer, length);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Refused(TooLarge(bytesMax));
        }
        catch (InvalidDataException)
        {
            return Refused(ApiError.BadRequest(
                "invalid_gzip", "The gzip data ends early or is damaged (its checksum is wrong); nothing was accepted. Send all of it."));
        }
    }

    /// <summary>Gives the buffer back. Only once nobody reads the bytes any more: not while a call that holds them may still be under way.</summary>
    public void Release()
    {
        if (Buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(Buffer);
        }
    }

    public static ApiError TooLarge(int bytesMax) => new(
        StatusCodes.Status413PayloadTooLarge,
        "request_too_large",
        $"The body has more than {bytesMax} bytes after decompression; nothing was accepted. Send smaller batches.");

    private static RequestBody Refused(ApiError error) => new(default, error);

    private static RequestBody Decoded(byte[] buffer, int length) => buffer.AsSpan(0, length) switch
    {
        [0xEF, 0xBB, 0xBF, ..] => new RequestBody(buffer.AsMemory(3, length - 3), null) { Buffer = buffer },
        [0x1F, 0x8B, ..] => Refused(ApiError.BadRequest(
            "invalid_gzip", "The body is gzip and Content-Encoding does not say so; nothing was accepted. Send the header Content-Encoding: gzip.")),
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, ..] or [not 0, 0, ..] => Refused(ApiError.BadRequest(
            "invalid_json", "The body is UTF-16; nothing was accepted. Encode it as UTF-8.")),
        _ => new RequestBody(buffer.AsMemory(0, length), null) { Buffer = buffer },
    };
}
