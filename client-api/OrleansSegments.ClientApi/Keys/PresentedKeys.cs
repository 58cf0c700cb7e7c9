using System.Text;
using Microsoft.AspNetCore.Http;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>
/// Finds the keys of a request where real clients put them: Basic user name (also encoded without the colon), Bearer, X-Write-Key,
/// X-Api-Key, and the body's writeKey for ingestion. Some clients send an unrelated token in one place and the key in another, so any
/// place that holds a valid key admits.
/// </summary>
internal readonly record struct PresentedKeys(KeyRights Rights, bool Any)
{
    /// <summary>Longer texts are not keys; bounds what is decoded and hashed.</summary>
    private const int KeyLengthMax = 1_024;

    private const string WriteKeyHeader = "X-Write-Key";
    private const string ApiKeyHeader = "X-Api-Key";

    public static PresentedKeys Of(HttpRequest request, KeyRing ring) =>
        default(PresentedKeys)
            .With(FromAuthorization(request.Headers.Authorization), ring)
            .With(request.Headers[WriteKeyHeader], ring)
            .With(request.Headers[ApiKeyHeader], ring);

    public PresentedKeys With(string? key, KeyRing ring) =>
        string.IsNullOrEmpty(key) ? this
        : key.Length > KeyLengthMax ? this with { Any = true }
        : new PresentedKeys(Rights | ring.RightsOf(key), true);

    private static string? FromAuthorization(string? header)
    {
        const string basic = "Basic ", bearer = "Bearer ";
        return header is null || header.Length > 2 * KeyLengthMax ? header
            : header.StartsWith(basic, StringComparison.OrdinalIgnoreCase) ? UserOf(header[basic.Length..].Trim())
            : header.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? header[bearer.Length..].Trim()
            : null;
    }

    private static string UserOf(string encoded)
    {
        var buffer = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, buffer, out var length))
        {
            return encoded;
        }

        var decoded = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = decoded.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? decoded : decoded[..colon];
    }
}
