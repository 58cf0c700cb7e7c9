using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrleansSegments.TestKit.Network;

/// <summary>
/// A proxy between clients and a server on loopback. It can cut all connections at once, which looks like a killed client to the server and
/// like a lost network to the client, or swallow the server's answers, which leaves the client in doubt about the outcome.
/// </summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _serverPort;
    private readonly ConcurrentDictionary<TcpClient, bool> _connections = new();
    private readonly Task _accepting;
    private volatile bool _isCut;
    private volatile bool _swallowsAnswers;

    private FaultyProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port for clients.</summary>
    public int Port { get; }

    public static FaultyProxy Start(int serverPort) => new(serverPort);

    /// <summary>Ends all connections at once and refuses new ones until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (var connection in _connections.Keys)
        {
            End(connection);
        }
    }

    /// <summary>From now on the server receives what clients send but clients receive nothing, until <see cref="Mend"/>.</summary>
    public void SwallowAnswers() => _swallowsAnswers = true;

    /// <summary>New connections pass again. Connections whose answers were swallowed are closed.</summary>
    public void Mend()
    {
        if (_swallowsAnswers)
        {
            Cut();
        }

        _swallowsAnswers = false;
        _isCut = false;
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = new TcpClient();
        _connections[client] = true;
        _connections[server] = true;
        try
        {
            if (!_isCut)
            {
                client.NoDelay = server.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, _serverPort);
                await Task.WhenAny(PumpAsync(client, server, isAnswer: false), PumpAsync(server, client, isAnswer: true));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has closed; close the other.
        }
        finally
        {
            End(client);
            End(server);
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.Client.ReceiveAsync(buffer) is > 0 and var received)
            {
                if (isAnswer && _swallowsAnswers)
                {
                    continue;
                }

                for (var sent = 0; sent < received && !_isCut;)
                {
                    sent += await to.Client.SendAsync(buffer.AsMemory(sent, received - sent));
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or NullReferenceException)
        {
            // The other pump or a cut closed the connection; a disposed TcpClient has no socket.
        }
    }

    private void End(TcpClient connection)
    {
        if (_connections.TryRemove(connection, out _))
        {
            connection.Dispose();
        }
    }
}
