using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace OrleansSegments.Webhooks;

/// <summary>
/// Connects to public addresses only, unless others are allowed. The address is checked when it is connected to: a name that led to a public address when
/// the webhook was made may lead to a private one later.
/// </summary>
internal static class PublicAddresses
{
    /// <summary>Addresses that are not unicast addresses of the public Internet (IANA's registries of special-purpose addresses).</summary>
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",

            // Within 2000::/3: Teredo and other tunnels, documentation, 6to4. They could carry a private IPv4 address.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(static network => IPNetwork.Parse(network)),
    ];

    private static readonly IPNetwork PublicSix = IPNetwork.Parse("2000::/3");

    public static bool IsPublic(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetwork || PublicSix.Contains(plain)) && !NotPublic.Any(network => network.Contains(plain));
    }

    /// <summary>A handler of connections that refuses all but public addresses, unless others are allowed.</summary>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Connect(bool allowsOthers) => async (context, cancellationToken) =>
    {
        DnsEndPoint to = context.DnsEndPoint;
        IPAddress[] found = await Dns.GetHostAddressesAsync(to.Host, cancellationToken);
        IPAddress[] allowed = allowsOthers ? found : [.. found.Where(IsPublic)];
        if (allowed.Length == 0)
        {
            throw new PrivateAddressException($"{to.Host} is {string.Join(", ", found.AsEnumerable())}, which is no public address. Webhooks__AllowPrivateAddresses=true allows it.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    };
}

/// <summary>A receiver's name leads to an address that messages may not go to.</summary>
internal sealed class PrivateAddressException(string message) : IOException(message);
