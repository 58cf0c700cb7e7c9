using System.Reflection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using OrleansSegments.ClientApi.Console.Live;
using OrleansSegments.ClientApi.Console.SignIn;
using OrleansSegments.ClientApi.Keys;

namespace OrleansSegments.ClientApi.Console;

/// <summary>Registers the console: interactive server components, the cookie of the sign-in, and the feed that all open pages share.</summary>
internal static class ConsoleServices
{
    private static readonly TimeSpan SessionMax = TimeSpan.FromHours(12);

    public static void AddConsole(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddResponseCompression();
        services.AddMudServices(mud => mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight);
        services.AddCascadingAuthenticationState();
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<EventTail>();
        services.AddSingleton<OneTimeLink>();
        services.AddScoped<AuthenticationStateProvider, LiveRights>();

        // Nothing on disk can then forge a cookie. After a restart people sign in again; their pages have lost their connection anyway.
        services.AddDataProtection().UseEphemeralDataProtectionProvider().DisableAutomaticKeyGeneration();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(Configure);
        services.AddAuthorization(policies =>
        {
            foreach (var right in Enum.GetValues<KeyRights>())
            {
                policies.AddPolicy(right.ToString(), policy => policy.RequireAuthenticatedUser().RequireAssertion(context => context.User.Rights().HasFlag(right)));
            }
        });
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "segments-form");
    }

    private static void Configure(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "segments-console";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Strict;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.LoginPath = "/sign-in";
        cookie.AccessDeniedPath = "/sign-in";
        cookie.ReturnUrlParameter = "to";
        cookie.ExpireTimeSpan = SessionMax;
        cookie.Events.OnRedirectToLogin = context =>
        {
            // A form or a program that posts here is told plainly; only people who look are led to the sign-in.
            if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            {
                context.Response.Redirect(context.RedirectUri);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }

            return Task.CompletedTask;
        };
        cookie.Events.OnValidatePrincipal = async context =>
        {
            // A key that was removed from the settings opens nothing any more.
            var ring = context.HttpContext.RequestServices.GetRequiredService<KeyRing>();
            if (ConsoleUser.Renew(context.Principal!, ring) is { } renewed)
            {
                context.ReplacePrincipal(renewed);
                return;
            }

            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync();
        };
    }
}

/// <summary>Marks a page of the console: its place in the navigation and the right that it needs. A page needs nothing else to be found.</summary>
/// <param name="order">Its place in the navigation; negative for a page that is reached from others.</param>
/// <param name="title">The name of its title in the texts.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ConsolePageAttribute(KeyRights right, int order, string title, string icon) : AuthorizeAttribute(right.ToString())
{
    public KeyRights Right { get; } = right;

    public int Order { get; } = order;

    public string Title { get; } = title;

    public string Icon { get; } = icon;

    /// <summary>The pages of the navigation that somebody with these rights may open, in order.</summary>
    public static IEnumerable<(string Address, ConsolePageAttribute Page)> For(KeyRights rights) => All.Where(page => rights.HasFlag(page.Page.Right));

    private static readonly (string Address, ConsolePageAttribute Page)[] All =
    [
        .. typeof(ConsolePageAttribute).Assembly.GetTypes()
            .Select(type => (Type: type, Page: type.GetCustomAttribute<ConsolePageAttribute>()))
            .Where(x => x.Page is { Order: >= 0 })
            .OrderBy(x => x.Page!.Order)
            .Select(x => (x.Type.GetCustomAttribute<Microsoft.AspNetCore.Components.RouteAttribute>()!.Template.TrimStart('/'), x.Page!)),
    ];
}
