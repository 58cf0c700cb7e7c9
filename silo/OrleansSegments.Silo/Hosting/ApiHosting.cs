using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Connections;
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

    /// <summary>Says on the error output that the silo serves, and by which clock.</summary>
    public static void Announce(this SiloHost host)
    {
        Console.Error.WriteLine($"Serving {host.StoreName} at {host.Addresses}; {host.Population:N0} customers.{ClockOf(host)} Ctrl-C stops.");
        host.App.Services.PrintGeneratedKeys(Console.Error);
    }

    private static string ClockOf(SiloHost host) => host.Clock is ReplayClock clock
        ? $" It lives at the time of its history: {clock.GetUtcNow():yyyy-MM-dd HH:mm} now, and events after that are refused; --system-clock brings it to the present."
        : "";
}

/// <summary>
/// A silo that is alone has nobody to talk to, and its ports would let in whoever reaches them: so it opens none. Several can run on one
/// machine without a word about ports.
/// </summary>
internal static class ClosedPorts
{
    /// <summary>Puts a listener that hears nothing in the place of every one that is registered.</summary>
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
