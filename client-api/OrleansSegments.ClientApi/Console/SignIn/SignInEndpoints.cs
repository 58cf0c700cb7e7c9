using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansSegments.ClientApi.Keys;

namespace OrleansSegments.ClientApi.Console.SignIn;

/// <summary>The addresses of the sign-in that are no pages: the link that works once, and the sign-out.</summary>
internal static class SignInEndpoints
{
    /// <summary>The path of the link that works once, with its code.</summary>
    public const string LinkPath = "/enter?code=";

    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/enter", EnterAsync).ExcludeFromDescription();
        endpoints.MapPost("/sign-out", SignOutAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> EnterAsync(string? code, HttpContext context, OneTimeLink link, KeyRing ring)
    {
        context.Response.Headers.CacheControl = "no-store";
        return code is not null && link.Use(code) is { } key && await ConsoleUser.SignInAsync(context, ring, key) != KeyRights.None
            ? Results.LocalRedirect("~/")
            : Results.LocalRedirect("~/sign-in?used=true");
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.BadRequest();
        }

        await context.SignOutAsync();
        return Results.LocalRedirect("~/sign-in");
    }
}
