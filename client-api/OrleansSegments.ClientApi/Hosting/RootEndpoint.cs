using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansSegments.ClientApi.Json;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>What somebody finds who opens the address in a browser.</summary>
internal static class RootEndpoint
{
    private static readonly string Version = typeof(RootEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public static void MapRoot(this IEndpointRouteBuilder endpoints) => endpoints.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], Answer).ExcludeFromDescription();

    private static IResult Answer() => Results.Json(
        new RootAnswer("OrleansSegments", Version, "Live customer segmentation over HTTP.", "/openapi/v1.json", "/health/ready", "/metrics"), ClientApiJson.Default.RootAnswer);
}

/// <summary>Where to go on from the root.</summary>
internal sealed record RootAnswer(string Name, string Version, string About, string Api, string Health, string Metrics);
