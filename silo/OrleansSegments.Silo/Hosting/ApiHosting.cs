using System.Globalization;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The HTTP API of a process, with a silo or without.</summary>
internal static class ApiHosting
{
    /// <summary>A listener that nobody is told of, for commands that serve no one: the loopback address and a port the system picks.</summary>
    private const string PrivateListener = "http://127.0.0.1:0";

    /// <param name="listeners">Where it listens, separated by semicolons; null for nowhere that anybody knows of.</param>
    public static void AddApi(this WebApplicationBuilder builder, string? listeners)
    {
        string[] urls = Listeners(listeners);
        builder.WebHost.UseUrls(urls);
        builder.Services.AddClientApi(options =>
        {
            builder.Configuration.GetSection(ClientApiOptions.SectionName).Bind(options);
            options.ListenUrls = urls;
        });
    }

    /// <summary>The listeners, one by one.</summary>
    public static string[] Listeners(string? listeners) =>
        (listeners ?? PrivateListener).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Prints the keys that were made because none are configured; they are shown once and change with every start.</summary>
    public static void PrintGeneratedKeys(this IServiceProvider services, TextWriter output)
    {
        GeneratedKeys keys = services.GetRequiredService<GeneratedKeys>();
        if (keys.Exist)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"No keys are configured, so these were made for this run: write {keys.WriteKey}  read {keys.ReadKey}  admin {keys.AdminKey}"));
        }
    }
}
