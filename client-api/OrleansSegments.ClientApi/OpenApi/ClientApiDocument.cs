using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.ClientApi.Keys;

namespace OrleansSegments.ClientApi.OpenApi;

/// <summary>The OpenAPI document at /openapi/v1.json: the endpoints' own metadata plus the key schemes.</summary>
internal static class ClientApiDocument
{
    public const string Name = "v1";

    private const string Bearer = "bearer";
    private const string Basic = "basic";
    private const string WriteKey = "writeKey";
    private const string ApiKey = "apiKey";

    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "OrleansSegments",
                Version = Name,
                Description = "Live customer segments: send events, ask which segment a customer is in and why, follow changes. " + StoreClockHeader.About,
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = Schemes();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var demanded = context.Description.ActionDescriptor.EndpointMetadata.OfType<DemandedRights>().LastOrDefault();
            if (demanded is not null)
            {
                string[] schemes = demanded.Rights == KeyRights.Write ? [Basic, Bearer, WriteKey, ApiKey] : [Bearer, Basic, ApiKey];
                operation.Security = [.. schemes.Select(scheme => Requirement(scheme, context.Document))];
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) => context.Description.RelativePath is { } path && (path.StartsWith("v1/", StringComparison.Ordinal) || path.StartsWith("api/", StringComparison.Ordinal))
            ? StoreClockHeader.Describe(operation)
            : Task.CompletedTask);
        options.AddOperationTransformer((operation, _, _) => QueryParameterTypes.Describe(operation));
    }

    private static OpenApiSecurityRequirement Requirement(string scheme, OpenApiDocument? document) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };

    private static Dictionary<string, IOpenApiSecurityScheme> Schemes() => new()
    {
        [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The key as Bearer token." },
        [Basic] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "basic", Description = "The key as user name, no password." },
        [WriteKey] = Header("X-Write-Key", "A write key; clients may also send it as writeKey in the body."),
        [ApiKey] = Header("X-Api-Key", "A key of any kind."),
    };

    private static OpenApiSecurityScheme Header(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = name, Description = description };
}
