namespace OrleansSegments.Silo.Hosting;

/// <summary>The host set-up common to all processes.</summary>
internal static class HostBuilding
{
    public static WebApplicationBuilder Create(bool isQuiet)
    {
        // The content root is the program's folder, so that appsettings.json is found from any working directory.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        LineFormatter.Use(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);

        // Readiness answers contain the reasons; one log line per probe would bury everything else.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // Orleans' grain placement uses Polly, which logs twice per placement.
        builder.Logging.AddFilter("Polly", LogLevel.Warning);

        // The command handles signals and stops its host. The host's own signal handling would abort a start in the middle.
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        if (isQuiet)
        {
            // A filter, because appsettings.json overrides the minimum level; log lines would garble the live view.
            builder.Logging.AddFilter("OrleansSegments", LogLevel.Warning);
        }

        return builder;
    }

    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
