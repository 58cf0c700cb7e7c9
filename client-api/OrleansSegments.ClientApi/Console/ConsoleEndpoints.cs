using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Console.Layout;
using OrleansSegments.ClientApi.Console.SignIn;
using OrleansSegments.ClientApi.Settings;
using Scalar.AspNetCore;

namespace OrleansSegments.ClientApi.Console;

/// <summary>Serves the console: its pages, its scripts and styles, and the reference of the API.</summary>
internal static class ConsoleEndpoints
{
    private const string AssetsPath = "/console";

    /// <summary>Everything from this server; inline styles, because components set some; and the socket of live pages.</summary>
    private const string ContentPolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    /// <summary>In the address of every asset, so that browsers may keep it for good.</summary>
    private static readonly string BuildId = typeof(ConsoleEndpoints).Module.ModuleVersionId.ToString("N")[..12];

    /// <summary>The address of a script or style, relative to the base of the page.</summary>
    public static string Asset(string file) => $"{AssetsPath[1..]}/{file}?v={BuildId}";

    /// <summary>Before routing: behind a proxy all addresses may have a prefix.</summary>
    public static void UsePathPrefix(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ClientApiOptions>>().Value.PathPrefix is { Length: > 0 } prefix)
        {
            app.UsePathBase(prefix);
        }
    }

    /// <param name="whenStarted">Completes when the process serves: a page that is asked for earlier waits, as calls of the API do.</param>
    public static void MapConsole(this WebApplication app, Func<CancellationToken, Task> whenStarted)
    {
        app.UseWhen(
            context => context.GetEndpoint()?.Metadata.GetMetadata<ConsoleMark>() is not null || context.Request.Path.StartsWithSegments(AssetsPath, StringComparison.Ordinal),
            console =>
            {
                console.UseResponseCompression();
                console.Use(async (context, next) =>
                {
                    await whenStarted(context.RequestAborted);
                    Protect(context.Response.Headers);
                    await next(context);
                });
            });
        app.UseStaticFiles(new StaticFileOptions
        {
            RequestPath = AssetsPath,
            FileProvider = new EmbeddedFileProvider(typeof(ConsoleEndpoints).Assembly, AssetsPath[1..]),
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "public, max-age=31536000, immutable",
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapSignIn();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null).WithMetadata(new ConsoleMark());

        // Without what it would fetch from, or send to, its maker.
        app.MapScalarApiReference("/api-reference", reference => reference
            .WithTitle("OrleansSegments API").DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton());
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
    }

    /// <summary>Marks the endpoints of pages.</summary>
    private sealed class ConsoleMark;
}
