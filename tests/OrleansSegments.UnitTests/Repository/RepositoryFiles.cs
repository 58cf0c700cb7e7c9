namespace OrleansSegments.UnitTests.Repository;

/// <summary>The files of the repository that these tests run from.</summary>
internal static class RepositoryFiles
{
    public static readonly string[] ProductionFolders = ["grains", "silo", "client-api", "loadtests"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths below the folders, relative to the root, with slashes.</summary>
    public static IEnumerable<string> Find(string pattern, params string[] folders) => folders
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"))
        .Order(StringComparer.Ordinal);

    public static int CountLines(string file) => File.ReadLines(Path.Combine(Root, file)).Count();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "OrleansSegments.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds OrleansSegments.sln; run the tests from a build in the repository.");
    }
}
