using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansSegments.ClientApi.Keys;

/// <summary>Guards endpoints with keys. The demand is also metadata, from which the OpenAPI document is written.</summary>
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

    /// <summary>Null when the request may pass.</summary>
    public static IResult? Refusal(HttpContext context, KeyRights demanded)
    {
        var presented = PresentedKeys.Of(context.Request, context.RequestServices.GetRequiredService<KeyRing>());
        return presented.Rights.HasFlag(demanded) ? null : KeyErrors.For(presented, demanded).ToResult();
    }
}
