using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Queries;

/// <summary>
/// One rule for every path: a slash that was sent as such separates segments, and each segment is percent-decoded once. The server's own
/// path has its dot segments removed after decoding, so that the id ".." (sent as %2E%2E) would lead to another address, and keeps %2F
/// encoded, so that the ids "a/b" and "a%2Fb" would be the same. Here the path is made of the request line, before the endpoint is
/// chosen; within a segment % and / are written %25 and %2F, which <see cref="Decode"/> reverts.
/// </summary>
internal static class SentPath
{
    public static void UseSentPath(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var sent = PathOf(context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "");
        if (!sent.Contains('%', StringComparison.Ordinal) && !sent.Contains("/.", StringComparison.Ordinal))
        {
            return next(context);
        }

        var segments = Array.ConvertAll(sent.Split('/'), DecodeOnce);
        if (segments.Contains(null))
        {
            return ApiError.BadRequest(
                "invalid_path",
                "The path has a % that is not followed by two hexadecimal digits, or its percent-encoded bytes are not UTF-8. Encode every part of a path once; % itself is %25.")
                .ToResult().ExecuteAsync(context);
        }

        // The constructor, because a string assigned as it is would be decoded again.
        context.Request.Path = new PathString(string.Join('/', segments.Select(segment =>
            segment!.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal))));
        return next(context);
    });

    /// <summary>The part of a path as it was sent, decoded once.</summary>
    /// <param name="routeValue">As routing took it from the path.</param>
    public static string Decode(string routeValue) => Uri.UnescapeDataString(routeValue);

    /// <summary>The path of a request target, which is the path itself or, to a proxy, the whole address.</summary>
    private static string PathOf(string target)
    {
        const string authority = "://";
        var host = target.StartsWith('/') ? -1 : target.IndexOf(authority, StringComparison.Ordinal);
        var start = host < 0 ? 0 : Math.Max(0, target.IndexOf('/', host + authority.Length));
        var end = target.IndexOf('?', start);
        return end < 0 ? target[start..] : target[start..end];
    }

    /// <summary>Null when the segment is not percent-encoded UTF-8.</summary>
    private static string? DecodeOnce(string segment)
    {
        var bytes = new byte[segment.Length];
        var length = 0;
        for (var at = 0; at < segment.Length; at++)
        {
            if (segment[at] != '%')
            {
                bytes[length] = (byte)segment[at];
            }
            else if (at + 3 <= segment.Length && byte.TryParse(segment.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
            {
                at += 2;
            }
            else
            {
                return null;
            }

            length++;
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
