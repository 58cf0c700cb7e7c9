namespace OrleansSegments.Silo.Hosting;

/// <summary>What every process of ours has, silo or not.</summary>
internal static class HostBuilding
{
    public static WebApplicationBuilder Create(bool isQuiet)
    {
        // The content root is where the program lies, so that its appsettings.json is found from any working folder.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        LineFormatter.Use(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);

        // Whoever asks for readiness is told; a line for every question would bury the rest.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // Orleans places grains through it, and it speaks twice about every one.
        builder.Logging.AddFilter("Polly", LogLevel.Warning);

        // Signals end a command, and the command ends its host. The host's own ear for them would break off a start in the middle.
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        if (isQuiet)
        {
            // A filter, because appsettings.json outranks the minimum level; a line of log would tear the live view.
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
