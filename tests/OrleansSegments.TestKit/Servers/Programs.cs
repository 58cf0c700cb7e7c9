namespace OrleansSegments.TestKit.Servers;

/// <summary>Finds programs on this machine.</summary>
internal static class Programs
{
    /// <summary>The folders of the PATH and the usual ones; the sbin folders, which contain runuser, are rarely on a user's PATH.</summary>
    public static IEnumerable<string> SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/bin", "/usr/sbin", "/bin", "/sbin"]);

    /// <summary>The first folder of the PATH with the program; null when there is none.</summary>
    public static string? FindOnPath(string program) =>
        SearchPath().Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
