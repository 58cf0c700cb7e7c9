namespace OrleansSegments.Silo.Imports;

/// <summary>The formats that can be imported.</summary>
public static class DataSetReaders
{
    public static IReadOnlyList<IDataSetReader> All { get; } = [new OnlineRetailReader(), new CdnowReader(), new NdjsonReader()];

    /// <exception cref="ImportException">No format has this name.</exception>
    public static IDataSetReader Find(string name)
    {
        foreach (var reader in All)
        {
            if (string.Equals(reader.Name, name, StringComparison.OrdinalIgnoreCase))
                return reader;
        }

        var known = string.Join(", ", All.Select(reader => reader.Name));
        throw new ImportException(ImportFault.FormatUnknown, $"The format '{name}' is not known. The known ones are {known}. Name one of these.");
    }
}
