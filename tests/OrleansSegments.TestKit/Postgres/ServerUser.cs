namespace OrleansSegments.TestKit.Postgres;

/// <summary>Whom the server runs as. It refuses root, so root hands it to an unprivileged user; everybody else runs it as themselves.</summary>
internal sealed class ServerUser
{
    private static readonly string[] Names = ["postgres", "nobody"];

    private ServerUser(string? name, string[] prefix)
    {
        Name = name;
        Prefix = prefix;
    }

    /// <summary>Null when the server runs as the user of this process.</summary>
    public string? Name { get; }

    /// <summary>What stands in front of a command to run it as this user.</summary>
    public IReadOnlyList<string> Prefix { get; }

    public static ServerUser Current { get; } = Find();

    /// <summary>Why no server can be run; null when one can.</summary>
    public string? Problem { get; private init; }

    private static ServerUser Find()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return new ServerUser(null, []);
        }

        var known = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        if (Names.FirstOrDefault(known.Contains) is not { } name)
        {
            return new ServerUser(null, []) { Problem = $"PostgreSQL refuses to run as root and there is no user {string.Join(" or ", Names)}." };
        }

        if (PostgresBinaries.FindOnPath("setpriv") is { } setpriv)
        {
            return new ServerUser(name, [setpriv, $"--reuid={name}", $"--regid={GroupOf(name)}", "--clear-groups", "--"]);
        }

        return PostgresBinaries.FindOnPath("runuser") is { } runuser
            ? new ServerUser(name, [runuser, "-u", name, "--"])
            : new ServerUser(null, []) { Problem = "PostgreSQL refuses to run as root, and neither setpriv nor runuser (package util-linux) is there." };
    }

    private static string GroupOf(string user) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields[0] == user)[3];
}
