using System.Globalization;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Keys;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The HTTP API inside the silo's process.</summary>
internal static class ApiHosting
{
    /// <summary>A listener that nobody is told of, for commands that serve no one: the loopback address and a port the system picks.</summary>
    private const string PrivateListener = "http://127.0.0.1:0";

    public static void AddApi(this IServiceCollection services, WebApplicationBuilder builder, SiloSettings settings)
    {
        string[] urls = (settings.Urls ?? PrivateListener).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        builder.WebHost.UseUrls(urls);
        services.AddClientApi(options =>
        {
            builder.Configuration.GetSection(ClientApiOptions.SectionName).Bind(options);
            options.ListenUrls = urls;
        });
        services.AddSingleton<IReadinessProbe, SiloReadiness>();
    }

    /// <summary>Prints the keys that were made because none are configured; they are shown once and change with every start.</summary>
    public static void PrintGeneratedKeys(this SiloHost host, TextWriter output)
    {
        GeneratedKeys keys = host.Service<GeneratedKeys>();
        if (keys.Exist)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"No keys are configured, so these were made for this run: write {keys.WriteKey}  read {keys.ReadKey}  admin {keys.AdminKey}"));
        }
    }
}
