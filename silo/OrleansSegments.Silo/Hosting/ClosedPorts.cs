using System.Net;
using Microsoft.AspNetCore.Connections;

namespace OrleansSegments.Silo.Hosting;

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
