using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using OrleansSegments.ClientApi.Keys;
using OrleansSegments.ClientApi.Settings;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>
/// Stops the start-up when the server listens beyond loopback while only generated keys exist. Checks the addresses actually bound, which
/// may differ from the options.
/// </summary>
internal sealed class ListenerGuard(IServer server, GeneratedKeys generatedKeys) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var beyond = addresses.Where(address => !Listeners.IsLoopback(address)).ToArray();
        return generatedKeys.Exist && beyond.Length > 0
            ? throw new InvalidOperationException(
                $"The server listens on {string.Join(", ", beyond)} and no keys are configured; {ClientApiOptions.KeysNeeded}")
            : Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
