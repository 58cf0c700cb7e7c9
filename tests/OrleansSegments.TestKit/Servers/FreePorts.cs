using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansSegments.TestKit.Servers;

/// <summary>Free ports on loopback, below the range of ephemeral ports, so that one is still free when its server restarts.</summary>
internal static class FreePorts
{
    private const int First = 15_000;
    private const int Count = 15_000;
    private static int _next = Environment.ProcessId * 31;

    public static int Find()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // The port is taken.
            }
        }

        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"No port from {First} to {First + Count - 1} is free."));
    }
}
