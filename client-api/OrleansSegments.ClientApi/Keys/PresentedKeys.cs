using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>
/// Collects a request's keys from all places that clients use: Basic user name (also encoded without the colon), Bearer, X-Write-Key,
/// X-Api-Key, and the body's writeKey for ingestion. Some clients send an unrelated token in one place and the key in another, so one valid
/// key in any place is enough. A key ends at the first colon: what follows is a password, or the secret of Jitsu's key:secret.
/// </summary>
/// <param name="Writer">Digest of the first key that may write; null when there is none.</param>
internal readonly record struct PresentedKeys(KeyRights Rights, bool Any, string? Writer)
{
    /// <summary>Longer strings are never keys; bounds the decoding and hashing work.</summary>
    private const int KeyLengthMax = 1_024;

    private const string WriteKeyHeader = "X-Write-Key";
    private const string ApiKeyHeader = "X-Api-Key";

    public static PresentedKeys Of(HttpRequest request, KeyRing ring) =>
        default(PresentedKeys)
            .With(FromAuthorization(request.Headers.Authorization), ring)
            .With(request.Headers[WriteKeyHeader], ring)
            .With(request.Headers[ApiKeyHeader], ring);

    public PresentedKeys With(string? sent, KeyRing ring)
    {
        if (string.IsNullOrEmpty(sent) || sent.Length > KeyLengthMax)
        {
            return this with { Any = Any || !string.IsNullOrEmpty(sent) };
        }

        var colon = sent.IndexOf(':', StringComparison.Ordinal);
        var (rights, digest) = ring.Find(colon < 0 ? sent : sent[..colon]);
        return new PresentedKeys(Rights | rights, true, Writer ?? (rights.HasFlag(KeyRights.Write) ? digest : null));
    }

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

        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}

/// <summary>401 when no valid key was sent, 403 when a valid one lacks the right.</summary>
internal static class KeyErrors
{
    public static ApiError For(PresentedKeys presented, KeyRights demanded)
    {
        var key = demanded switch { KeyRights.Write => "a write key", KeyRights.Read => "a read key", _ => "an admin key" };
        return presented switch
        {
            { Any: false } => new ApiError(
                StatusCodes.Status401Unauthorized, "missing_key", $"No key was sent; this needs {key}. {Places(demanded)}"),
            { Rights: KeyRights.None } => new ApiError(
                StatusCodes.Status401Unauthorized, "invalid_key", $"The key that was sent is not known; this needs {key}. {Places(demanded)}"),
            _ => new ApiError(
                StatusCodes.Status403Forbidden, "forbidden", $"The key that was sent is valid but may not do this; this needs {key}."),
        };
    }

    private static string Places(KeyRights demanded) => demanded == KeyRights.Write
        ? "Send it as Basic user name, as Bearer token, in the header X-Write-Key or as writeKey in the body."
        : "Send it as Bearer token, as Basic user name or in the header X-Api-Key.";
}

/// <summary>
/// Protects endpoints with keys. The required right is also endpoint metadata, from which the OpenAPI document is generated.
/// </summary>
internal static class KeyEndpointExtensions
{
    public static TBuilder RequireKey<TBuilder>(this TBuilder builder, KeyRights demanded)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new DemandedRights(demanded));
        return builder.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            return Refusal(context, demanded) ?? await next(invocation);
        });
    }

    /// <summary>Null when the request is allowed.</summary>
    public static IResult? Refusal(HttpContext context, KeyRights demanded)
    {
        var presented = PresentedKeys.Of(context.Request, context.RequestServices.GetRequiredService<KeyRing>());
        return presented.Rights.HasFlag(demanded) ? null : KeyErrors.For(presented, demanded).ToResult();
    }
}

/// <summary>Endpoint metadata: the right that a key needs here.</summary>
internal sealed record DemandedRights(KeyRights Rights);
