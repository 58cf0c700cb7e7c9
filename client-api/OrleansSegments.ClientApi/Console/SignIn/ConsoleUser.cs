using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSegments.ClientApi.Keys;

namespace OrleansSegments.ClientApi.Console.SignIn;

/// <summary>Who is signed in: the digest of a key, and the rights that it has at this moment.</summary>
internal static class ConsoleUser
{
    private const string DigestClaim = "key";
    private const string RightsClaim = "rights";

    /// <summary>Signs in with a key; returns its rights, none when no such key is valid.</summary>
    public static async Task<KeyRights> SignInAsync(HttpContext context, KeyRing ring, string key)
    {
        var (rights, digest) = ring.Find(key);
        if (rights != KeyRights.None)
        {
            await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, Of(digest, rights));
        }

        return rights;
    }

    /// <summary>The same user with the present rights of the key; null when it is not valid any more.</summary>
    public static ClaimsPrincipal? Renew(ClaimsPrincipal user, KeyRing ring)
    {
        var digest = user.KeyDigest();
        return digest is not null && ring.RightsOf(digest) is var rights and not KeyRights.None ? Of(digest, rights) : null;
    }

    public static KeyRights Rights(this ClaimsPrincipal user) =>
        int.TryParse(user.FindFirstValue(RightsClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var rights) ? (KeyRights)rights : KeyRights.None;

    public static string? KeyDigest(this ClaimsPrincipal user) => user.FindFirstValue(DigestClaim);

    private static ClaimsPrincipal Of(string digest, KeyRights rights) => new(new ClaimsIdentity(
        [new Claim(DigestClaim, digest), new Claim(RightsClaim, ((int)rights).ToString(CultureInfo.InvariantCulture))],
        CookieAuthenticationDefaults.AuthenticationScheme));
}

/// <summary>Closes an open page whose key was removed from the settings meanwhile.</summary>
internal sealed class LiveRights(KeyRing ring, ILoggerFactory logs) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(15);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(ConsoleUser.Renew(authenticationState.User, ring)?.Rights() == authenticationState.User.Rights());
}
