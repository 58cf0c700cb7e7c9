namespace OrleansSegments.EndToEndTests.Processes;

/// <summary>Where the program under test lies: beside these tests, in the same flavour and configuration.</summary>
internal static class SiloProgram
{
    private const string Name = "OrleansSegments.Silo";
    private const string RootMark = "OrleansSegments.sln";

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The program's file; fails with the command that builds it when it is not there.</summary>
    public static string Path { get; } = FindProgram();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, RootMark)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {RootMark}; run the tests from where the repository builds them.");
    }

    private static string FindProgram()
    {
        // artifacts/bin/<flavour>/<project>/<configuration>/<framework>, seen from the repository's root.
        string[] parts = System.IO.Path.GetRelativePath(RepositoryRoot, AppContext.BaseDirectory).TrimEnd('/').Split('/');
        if (parts is not ["artifacts", "bin", var flavour, _, var configuration, var framework])
        {
            throw new InvalidOperationException(
                $"The tests run from {AppContext.BaseDirectory}, which is not artifacts/bin/<flavour>/<project>/<configuration>/<framework>; "
                + "the program under test is looked for beside that folder.");
        }

        string path = System.IO.Path.Combine(RepositoryRoot, "artifacts", "bin", flavour, Name, configuration, framework, Name + ".dll");
        string property = flavour == "orleans" ? " -p:UseOrleans=true" : "";
        return File.Exists(path)
            ? path
            : throw new InvalidOperationException($"{path} is not there. Build it: dotnet build silo/{Name} -c {configuration}{property}");
    }
}
