using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Listens on the API's addresses before anything else is done. Until the server takes the sockets over, the system accepts connections and keeps what
/// arrives, so that clients that give up after a second or two find a listener while the store opens. A connection costs nothing in this
/// process meanwhile, and there are at most <see cref="ConnectionsMax"/>.
/// </summary>
internal sealed class EarlyListener : IDisposable
{
    private const int ConnectionsMax = 512;

    private readonly Dictionary<EndPoint, Socket> _sockets = [];

    /// <summary>An address that cannot be listened on is left to the server, which says why. So is one whose name stands for several, and a free port.</summary>
    public static EarlyListener Open(IEnumerable<string> urls)
    {
        var early = new EarlyListener();
        foreach (string url in urls)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? address) && uri.Port > 0)
            {
                early.TryListen(new IPEndPoint(address, uri.Port));
            }
        }

        return early;
    }

    /// <summary>The socket of an address, for the server, which owns it from then on.</summary>
    public Socket Take(EndPoint endpoint) => _sockets.Remove(endpoint, out Socket? socket) ? socket : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);

    public void Dispose()
    {
        foreach (Socket socket in _sockets.Values)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }

    private void TryListen(IPEndPoint endpoint)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(ConnectionsMax);
            _sockets.Add(endpoint, socket);
        }
        catch (SocketException)
        {
            socket?.Dispose();
        }
    }
}
