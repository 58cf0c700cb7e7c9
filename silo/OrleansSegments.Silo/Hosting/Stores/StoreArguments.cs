namespace OrleansSegments.Silo.Hosting;

/// <summary>What a command line says about the store; where it is silent the configuration decides.</summary>
/// <param name="Provider">embedded or postgresql; null to leave it to <c>Store:Provider</c>.</param>
/// <param name="ConnectionString">Of the database; null to leave it to <c>Store:ConnectionString</c>.</param>
/// <param name="Folder">The data folder that was named; null for <paramref name="OwnFolder"/>.</param>
/// <param name="OwnFolder">The command's own folder below <see cref="DataFolder.DefaultRoot"/>.</param>
/// <param name="Start">Whether the command goes on with what is stored.</param>
internal sealed record StoreArguments(string? Provider, string? ConnectionString, string? Folder, string OwnFolder, StoreStart Start)
{
    /// <summary>The embedded store in a folder, as it is.</summary>
    public static StoreArguments InFolder(string folder) => new(StoreSelectionOptions.Embedded, null, folder, "segments", StoreStart.AsItIs);
}
