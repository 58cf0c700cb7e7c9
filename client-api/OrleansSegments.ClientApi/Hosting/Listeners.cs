using System.Net;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Tells listeners that only this machine reaches from the others.</summary>
internal static class Listeners
{
    public static bool AreLoopback(IEnumerable<string> urls) => urls.All(IsLoopback);

    /// <summary>Wildcards (*, +, 0.0.0.0, [::]) and host names other than localhost are not loopback; unix sockets are.</summary>
    public static bool IsLoopback(string url)
    {
        var schemeEnd = url.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0)
        {
            return false;
        }

        var rest = url[(schemeEnd + 3)..];
        if (rest.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var host = HostOf(rest);
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }

    private static string HostOf(string authority)
    {
        var pathStart = authority.IndexOf('/', StringComparison.Ordinal);
        var hostAndPort = pathStart < 0 ? authority : authority[..pathStart];
        if (hostAndPort.StartsWith('['))
        {
            var end = hostAndPort.IndexOf(']', StringComparison.Ordinal);
            return end < 0 ? hostAndPort : hostAndPort[1..end];
        }

        var colon = hostAndPort.LastIndexOf(':');
        return colon < 0 ? hostAndPort : hostAndPort[..colon];
    }
}
