using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Console.SignIn;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Console;

/// <summary>The address of the console for whoever started the process.</summary>
public static class ConsoleLink
{
    /// <summary>Where the host serves Orleans' own dashboard when it is switched on.</summary>
    public const string OrleansDashboardPath = "/orleans";

    /// <summary>The policy of what only admins may open.</summary>
    public const string AdminPolicy = nameof(KeyRights.Admin);

    /// <summary>A line with the link that signs in once while keys are generated, otherwise with the address, where people sign in with a key; nothing without a console.</summary>
    public static void Print(WebApplication app, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(output);
        if (app.Services.GetRequiredService<IOptions<ClientApiOptions>>().Value.Console)
        {
            output.WriteLine($"Console: {Make(app)}");
        }
    }

    internal static string Make(WebApplication app)
    {
        var listener = new Uri(app.Urls.First());
        var isEverywhere = IPAddress.TryParse(listener.DnsSafeHost, out var bound) && (bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any));
        var address = (isEverywhere ? new UriBuilder(listener) { Host = "localhost" }.Uri : listener).GetLeftPart(UriPartial.Authority)
            + app.Services.GetRequiredService<IOptions<ClientApiOptions>>().Value.PathPrefix;
        return app.Services.GetRequiredService<OneTimeLink>().Make() is { } code ? address + SignInEndpoints.LinkPath + code : address + "/";
    }
}
