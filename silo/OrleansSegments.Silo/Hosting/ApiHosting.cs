using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
using OrleansSegments.ClientApi.Console;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Registers the HTTP API of a process, with or without a silo.</summary>
internal static class ApiHosting
{
    /// <summary>Listener of commands that do not serve: loopback and a port picked by the system.</summary>
    private const string PrivateListener = "http://127.0.0.1:0";

    /// <param name="listeners">URLs to listen on, separated by semicolons; null for the private listener.</param>
    /// <param name="keysFolder">The data folder, which keeps generated keys; null when there is none.</param>
    public static void AddApi(this WebApplicationBuilder builder, string? listeners, string? keysFolder)
    {
        string[] urls = Listeners(listeners);
        builder.WebHost.UseUrls(urls);
        builder.AddClientApi(options => options.ListenUrls = urls, keysFolder);
    }

    /// <summary>Splits the listener URLs.</summary>
    public static string[] Listeners(string? listeners) =>
        (listeners ?? PrivateListener).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Prints the keys generated because none are configured, and where they are kept.</summary>
    public static void PrintGeneratedKeys(this IServiceProvider services, TextWriter output)
    {
        GeneratedKeys keys = services.GetRequiredService<GeneratedKeys>();
        if (keys.Exist)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"No keys are configured, so these were generated{(keys.File is { } file ? $" and are kept in {file}" : " for this run")}: write {keys.WriteKey}  read {keys.ReadKey}  admin {keys.AdminKey}"));
        }
    }

    /// <summary>Prints to the error output that the silo serves, and on which clock.</summary>
    public static void Announce(this SiloHost host)
    {
        Console.Error.WriteLine($"Serving {host.StoreName} at {host.Addresses}; {host.Population:N0} customers.{ClockOf(host)} Ctrl-C stops.");
        ConsoleLink.Print(host.App, Console.Error);
        host.App.Services.PrintGeneratedKeys(Console.Error);
    }

    private static string ClockOf(SiloHost host) => host.Clock is ReplayClock clock
        ? $" It runs on the replayed clock of its history, which is at {clock.GetUtcNow():yyyy-MM-dd HH:mm}; later events are refused. --system-clock switches to the system clock."
        : "";
}

/// <summary>
/// A single silo opens no ports: it has no peers, and anyone who reaches a silo port has full access. It also lets several run on one machine
/// without port settings.
/// </summary>
internal static class ClosedPorts
{
    /// <summary>Replaces every registered silo listener by one that opens no port.</summary>
    public static void CloseSiloPorts(this IServiceCollection services)
    {
        for (int i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: true } listener && listener.ServiceType == typeof(IConnectionListenerFactory))
            {
                services[i] = ServiceDescriptor.KeyedSingleton<IConnectionListenerFactory>(listener.ServiceKey, (_, _) => new ClosedListenerFactory());
            }
        }
    }

    private sealed class ClosedListenerFactory : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new ClosedListener(endpoint));
    }

    private sealed class ClosedListener(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => await _end.Task.WaitAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _end.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
