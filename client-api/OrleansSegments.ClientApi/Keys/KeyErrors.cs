using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>401 when no valid key came, 403 when a valid one lacks the right.</summary>
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
