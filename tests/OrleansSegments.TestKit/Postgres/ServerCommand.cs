using System.Diagnostics;

namespace OrleansSegments.TestKit.Postgres;

/// <summary>Runs programs as the server's user.</summary>
internal static class ServerCommand
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(2);

    public static Process Start(string workingFolder, IEnumerable<string> command)
    {
        string[] all = [.. ServerUser.Current.Prefix, .. command];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder,
        };

        // Settings of the caller's own server (PGHOST, PGDATA) are no business of a private one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{all[0]} did not start.");
    }

    /// <returns>What the program wrote to its output.</returns>
    /// <exception cref="InvalidOperationException">It failed, with what it said.</exception>
    /// <exception cref="TimeoutException">It did not end.</exception>
    public static async Task<string> RunAsync(string workingFolder, IEnumerable<string> command, string input = "")
    {
        using var process = Start(workingFolder, command);
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
