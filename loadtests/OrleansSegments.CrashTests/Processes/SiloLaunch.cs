using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Processes;

/// <summary>How a silo is started: the program, the arguments before and after the command, and its settings.</summary>
/// <param name="Program">The assembly run by <c>dotnet</c>.</param>
/// <param name="Prefix">Arguments before the command.</param>
/// <param name="Arguments">Arguments after the command, without the listen address.</param>
/// <param name="Settings">Environment variables in addition to the keys and the training schedule.</param>
public sealed record SiloLaunch(
    string Program, IReadOnlyList<string> Prefix, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>A port picked by the system.</summary>
    public const string AnyPort = "http://127.0.0.1:0";

    /// <summary><c>up</c>, or <c>api</c> for a separate API.</summary>
    public string Command { get; init; } = "up";

    /// <summary>A command prefix, used to run the program in another network.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    /// <summary>The silo's program on the embedded store in a folder.</summary>
    public static SiloLaunch OnFolder(string folder, params string[] arguments) =>
        new(SiloProgram.Path, [], ["--data", folder, .. arguments], new Dictionary<string, string>());

    internal string[] CommandLine(string urls) => [.. Wrapper, "dotnet", Program, .. Prefix, Command, .. Arguments, "--urls", urls];

    internal Dictionary<string, string> Environment() => new(Settings)
    {
        ["ClientApi__WriteKeys__0"] = SegmentsApi.WriteKey,
        ["ClientApi__ReadKeys__0"] = SegmentsApi.ReadKey,
        ["ClientApi__AdminKeys__0"] = SegmentsApi.AdminKey,

        // A scheduled training would move customers in the middle of a count.
        ["Training__Scheduled"] = "false",
    };
}

/// <summary>Locates the programs: in the output folder next to the running program's, in the same configuration.</summary>
public static class SiloProgram
{
    private const string Name = "OrleansSegments.Silo";
    private const string RootMark = "OrleansSegments.sln";

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The silo's program.</summary>
    public static string Path => Find(Name, "silo");

    /// <summary>Returns a program's file; if it is missing, throws with the command that builds it.</summary>
    /// <param name="folder">The project's folder below the repository's root.</param>
    public static string Find(string name, string folder)
    {
        // artifacts/bin/<project>/<configuration>, relative to the repository's root.
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
