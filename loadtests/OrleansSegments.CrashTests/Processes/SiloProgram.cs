namespace OrleansSegments.CrashTests.Processes;

/// <summary>Where the programs lie: beside the one that asks, in the same configuration.</summary>
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
        // artifacts/bin/<project>/<configuration>, seen from the repository's root.
        string[] parts = System.IO.Path.GetRelativePath(RepositoryRoot, AppContext.BaseDirectory).TrimEnd('/').Split('/');
        if (parts is not ["artifacts", "bin", _, var configuration])
        {
            throw new InvalidOperationException(
                $"This runs from {AppContext.BaseDirectory}, which is not artifacts/bin/<project>/<configuration>; "
                + "the program to start is looked for beside that folder.");
        }

        string path = System.IO.Path.Combine(RepositoryRoot, "artifacts", "bin", name, configuration, name + ".dll");
        return File.Exists(path)
            ? path
            : throw new InvalidOperationException($"{path} is not there. Build it: dotnet build {folder}/{name} -c {configuration}");
    }

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
