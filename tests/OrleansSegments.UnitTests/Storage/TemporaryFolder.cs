using OrleansSegments.Storage.Embedded;

namespace OrleansSegments.UnitTests.Storage;

/// <summary>A folder of its own for one test, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The files of RocksDB that match a pattern, the newest last.</summary>
    public string[] DatabaseFiles(string pattern) =>
        [.. Directory.GetFiles(this[DataFolder.DatabaseFolder], pattern).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
