using System.Net;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Tools.Demo;

/// <summary>The address of the web console, as a browser on this machine opens it.</summary>
internal static class ConsoleLink
{
    public static string Of(SiloHost host)
    {
        var listener = new Uri(host.App.Urls.First());
        bool isEverywhere = IPAddress.TryParse(listener.DnsSafeHost, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return isEverywhere ? new UriBuilder(listener) { Host = "localhost" }.Uri.ToString() : listener.ToString();
    }
}
