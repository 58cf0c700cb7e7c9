using System.Net;
using Microsoft.AspNetCore.Http;

namespace OrleansSegments.ClientApi.Hosting;

/// <summary>Tells listeners that only this machine reaches from the others.</summary>
internal static class Listeners
{
    public static bool AreLoopback(IEnumerable<string> urls) => urls.All(IsLoopback);

    /// <summary>Wildcards (*, +, 0.0.0.0, [::]) and host names other than localhost are not loopback; unix sockets are.</summary>
    public static bool IsLoopback(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe
                || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
