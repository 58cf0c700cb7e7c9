using System.IO.Compression;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

/// <summary>
/// Finds the real data sets that are kept beside the repository: in the folder that SEGMENTS_SHARED names, or in a folder
/// "shared" next to any folder above the tests. A test whose data is absent is skipped and says so.
/// </summary>
internal static class SharedData
{
    public static string PathOf(string name)
    {
        string? root = Roots().FirstOrDefault(r => File.Exists(Path.Combine(r, "data", name)));
        Assert.SkipWhen(root is null, $"data/{name} was not found. Set SEGMENTS_SHARED to the folder that holds it.");
        return Path.Combine(root!, "data", name);
    }

    public static string[] Lines(string name)
    {
        using var stream = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IEnumerable<string> Roots()
    {
        if (Environment.GetEnvironmentVariable("SEGMENTS_SHARED") is { Length: > 0 } named)
        {
            yield return named;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared");
        }
    }
}
