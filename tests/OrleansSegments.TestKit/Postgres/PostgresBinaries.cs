using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using OrleansSegments.TestKit.Servers;

namespace OrleansSegments.TestKit.Postgres;

/// <summary>Locates the server's programs on this machine and chooses a recent enough version.</summary>
internal static partial class PostgresBinaries
{
    private const int OldestMajorVersion = 15;
    private const string Cure = "Install it (Debian, Ubuntu: apt-get install postgresql) or put its bin folder on the PATH.";
    private static readonly string[] Roots = ["/usr/lib/postgresql", "/usr/lib64/pgsql", "/usr/local/pgsql", "/usr/pgsql"];
    private static readonly string[] Needed = ["initdb", "postgres", "psql"];

    /// <summary>The folder of the newest suitable server; null when there is none.</summary>
    public static string? Folder { get; }

    /// <summary>Why there is no folder; null when there is one.</summary>
    public static string? Problem { get; }

    static PostgresBinaries()
    {
        if (!OperatingSystem.IsLinux())
        {
            Problem = "private PostgreSQL servers are run on Linux only.";
            return;
        }

        var found = Candidates().Where(HasAll).Distinct().Select(folder => (Folder: folder, Version: MajorVersion(folder))).ToArray();
        var newest = found.OrderByDescending(candidate => candidate.Version).FirstOrDefault();
        if (newest.Version >= OldestMajorVersion)
        {
            Folder = newest.Folder;
        }
        else
        {
            Problem = newest.Folder is null
                ? $"initdb, postgres and psql were found neither on the PATH nor under /usr/lib/postgresql. {Cure}"
                : $"the newest PostgreSQL found, {newest.Folder}, is version {newest.Version}; {OldestMajorVersion} is the oldest that will do. {Cure}";
        }
    }

    public static string Program(string name) => Path.Combine(Folder ?? throw new InvalidOperationException(Problem), name);

    private static IEnumerable<string> Candidates()
    {
        foreach (var folder in Programs.SearchPath())
        {
            yield return folder;
        }

        foreach (var root in Roots)
        {
            foreach (var folder in Directory.Exists(root) ? Directory.GetDirectories(root).Append(root) : [])
            {
                yield return Path.Combine(folder, "bin");
            }
        }

        if (Programs.FindOnPath("pg_config") is { } config && Output(config, "--bindir") is { } reported)
        {
            yield return reported.Trim();
        }
    }

    private static bool HasAll(string folder) => Needed.All(program => File.Exists(Path.Combine(folder, program)));

    private static int MajorVersion(string folder) =>
        Output(Path.Combine(folder, "postgres"), "--version") is { } text && VersionPattern().Match(text) is { Success: true } match
            ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : 0;

    private static string? Output(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionPattern();
}
