namespace OrleansSegments.CrashTests.Processes;

/// <summary>Where the programs lie: beside the one that asks, in the same flavour and configuration.</summary>
public static class SiloProgram
{
    private const string Name = "OrleansSegments.Silo";
    private const string RootMark = "OrleansSegments.sln";

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The silo's program.</summary>
    public static string Path => Find(Name, "silo");

    /// <summary>A program's file; fails with the command that builds it when it is not there.</summary>
    /// <param name="folder">Where its project lies below the repository's root.</param>
    public static string Find(string name, string folder)
    {
        // artifacts/bin/<flavour>/<project>/<configuration>/<framework>, seen from the repository's root.
        string[] parts = System.IO.Path.GetRelativePath(RepositoryRoot, AppContext.BaseDirectory).TrimEnd('/').Split('/');
        if (parts is not ["artifacts", "bin", var flavour, _, var configuration, var framework])
        {
            throw new InvalidOperationException(
                $"This runs from {AppContext.BaseDirectory}, which is not artifacts/bin/<flavour>/<project>/<configuration>/<framework>; "
                + "the program to start is looked for beside that folder.");
        }

        return Find(name, folder, flavour, configuration, framework);
    }

    /// <summary>The silo's program on Orleans, whichever flavour asks: the one that can be part of a cluster.</summary>
    public static string OfClusters => Find(Name, "silo", "orleans", "Release", "net10.0");

    /// <summary>The same; null where it was not built.</summary>
    public static string? OfClustersOrNone => PathOf(Name, "orleans", "Release", "net10.0") is var path && File.Exists(path) ? path : null;

    private static string Find(string name, string folder, string flavour, string configuration, string framework)
    {
        string path = PathOf(name, flavour, configuration, framework);
        string property = flavour == "orleans" ? " -p:UseOrleans=true" : "";
        return File.Exists(path)
            ? path
            : throw new InvalidOperationException($"{path} is not there. Build it: dotnet build {folder}/{name} -c {configuration}{property}");
    }

    private static string PathOf(string name, string flavour, string configuration, string framework) =>
        System.IO.Path.Combine(RepositoryRoot, "artifacts", "bin", flavour, name, configuration, framework, name + ".dll");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, RootMark)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {RootMark}; run this from where the repository builds it.");
    }
}
