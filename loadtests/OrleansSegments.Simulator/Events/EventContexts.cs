using System.Globalization;
using System.Text;
using OrleansSegments.Simulator.Shoppers;

namespace OrleansSegments.Simulator.Events;

/// <summary>The context objects: one per place and device, written once and shared by all events.</summary>
internal static class EventContexts
{
    private static readonly (string Channel, string Type, string System)[] Devices =
        [("browser", "desktop", "Windows"), ("mobile", "android", "Android"), ("mobile", "ios", "iOS")];

    private static readonly Dictionary<Place, byte[][]> ByPlace =
        Place.All.ToDictionary(place => place, place => Devices.Select(device => Write(place, device)).ToArray());

    public static ReadOnlyMemory<byte> Of(Place place, bool mobile, bool usesApple) => ByPlace[place][!mobile ? 0 : usesApple ? 2 : 1];

    private static byte[] Write(Place place, (string Channel, string Type, string System) device) =>
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            {"library":{"name":"orleans-segments-simulator","version":"1"},"channel":"{{{device.Channel}}}","device":{"type":"{{{device.Type}}}"},"os":{"name":"{{{device.System}}}"},"locale":"{{{place.Locale}}}","timezone":"{{{place.TimeZone}}}","location":{"city":"{{{place.City}}}","country":"{{{place.Country}}}","region":"{{{(place.Urban ? "urban" : "rural")}}}","latitude":{{{place.Latitude:0.00}}},"longitude":{{{place.Longitude:0.00}}}}}
            """));
}
