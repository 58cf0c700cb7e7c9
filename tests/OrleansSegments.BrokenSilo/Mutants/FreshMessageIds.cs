using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>Gives every arriving event of a batch a new message id, so that no repeat is ever recognised as one.</summary>
internal sealed class FreshMessageIds : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(RenameAsync);
        next(app);
    };

    private static async Task RenameAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path == "/v1/batch")
        {
            JsonNode body = (await JsonNode.ParseAsync(context.Request.Body))!;
            foreach (JsonNode? arrived in body["batch"]!.AsArray())
            {
                arrived!["messageId"] = Guid.NewGuid().ToString();
            }

            byte[] renamed = JsonSerializer.SerializeToUtf8Bytes(body);
            context.Request.Body = new MemoryStream(renamed);
            context.Request.ContentLength = renamed.Length;
        }

        await next(context);
    }
}
