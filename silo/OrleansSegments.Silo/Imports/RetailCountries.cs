using System.Text.Json;

namespace OrleansSegments.Silo.Imports;

/// <summary>The JSON that says where a customer lives, made once for each country.</summary>
internal sealed class RetailCountries
{
    /// <summary>More countries than there are: a damaged file must not fill the memory.</summary>
    private const int RememberedMax = 1024;

    private readonly Dictionary<string, (byte[] Traits, byte[] Context)> _known = new(StringComparer.Ordinal);

    public (byte[] Traits, byte[] Context) this[string country]
    {
        get
        {
            if (_known.TryGetValue(country, out var documents))
                return documents;

            documents = Write(country);
            if (_known.Count < RememberedMax)
                _known.Add(country, documents);
            return documents;
        }
    }

    private static (byte[] Traits, byte[] Context) Write(string country)
    {
        if (country is "" or "Unspecified")
            return ("{}"u8.ToArray(), []);

        var quoted = JsonSerializer.SerializeToUtf8Bytes(country);
        return ([.. "{\"address\":{\"country\":"u8, .. quoted, .. "}}"u8], [.. "{\"location\":{\"country\":"u8, .. quoted, .. "}}"u8]);
    }
}
