using System.Diagnostics;

namespace OrleansSegments.TestKit.Servers;

/// <summary>Runs the programs of servers.</summary>
internal static class ServerCommand
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    public static Process Start(ServerUser user, string workingFolder, IEnumerable<string> command)
    {
        string[] all = [.. user.Prefix, .. command];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };

        // Settings for the user's own server (PGHOST, PGDATA) must not affect a private one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{all[0]} did not start.");
    }

    /// <returns>The output of a program of PostgreSQL, run as the server's user.</returns>
    /// <exception cref="InvalidOperationException">Thrown when it failed, with its error output.</exception>
    /// <exception cref="TimeoutException">Thrown when it did not end in time.</exception>
    public static async Task<string> RunAsync(string workingFolder, IEnumerable<string> command, string input = "")
    {
        using var process = Start(ServerUser.Current, workingFolder, command);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(EndsWithin);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', command)}' did not end within {EndsWithin}.");
        }

        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {await errors}{await output}");
    }
}

/// <summary>
/// The user that runs a server. PostgreSQL refuses root, so root runs it as an unprivileged user; other users run it as themselves.
/// </summary>
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

    /// <summary>The command prefix that runs a command as this user.</summary>
    public IReadOnlyList<string> Prefix { get; }

    public static ServerUser Current { get; } = Find();

    /// <summary>The user of this process, whoever that is.</summary>
    public static ServerUser Same { get; } = new(null, []);

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

        if (Programs.FindOnPath("setpriv") is { } setpriv)
        {
            return new ServerUser(name, [setpriv, $"--reuid={name}", $"--regid={GroupOf(name)}", "--clear-groups", "--"]);
        }

        return Programs.FindOnPath("runuser") is { } runuser
            ? new ServerUser(name, [runuser, "-u", name, "--"])
            : new ServerUser(null, []) { Problem = "PostgreSQL refuses to run as root, and neither setpriv nor runuser (package util-linux) is there." };
    }

    private static string GroupOf(string user) =>
        File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields[0] == user)[3];
}
