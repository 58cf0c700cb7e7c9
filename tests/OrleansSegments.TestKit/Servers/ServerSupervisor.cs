using System.Diagnostics;
using System.Globalization;

namespace OrleansSegments.TestKit.Servers;

/// <summary>
/// A shell between the tests and the server. It holds the other end of a pipe: when this process ends in any way, the pipe closes, and the
/// shell stops the server and deletes its folder. A parent-death signal alone would not suffice: it is sent when the thread that started
/// the child ends.
/// </summary>
internal sealed class ServerSupervisor : IDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMinutes(2);

    private readonly Process _shell;
    private readonly SemaphoreSlim _turn = new(1);

    private ServerSupervisor(Process shell) => _shell = shell;

    /// <summary>The server's main process.</summary>
    public int ProcessId { get; private set; }

    /// <param name="initialise">The command that creates a data folder if there is none; its words contain no spaces.</param>
    /// <param name="server">The server's command line.</param>
    /// <param name="stopSignal">The signal that stops the server cleanly: a name without SIG.</param>
    public static async Task<ServerSupervisor> StartAsync(
        ServerUser user, string folder, string log, IEnumerable<string> initialise, IEnumerable<string> server, string stopSignal = "INT")
    {
        // If the shell itself is killed, its death ends the server.
        string[] guard = Programs.FindOnPath("setpriv") is { } setpriv ? [setpriv, "--pdeathsig", "INT", "--"] : [];
        var supervisor = new ServerSupervisor(ServerCommand.Start(
            user, folder, ["sh", "-c", Script(), "supervise", folder, log, string.Join(' ', initialise), stopSignal, .. guard, .. server]));
        try
        {
            var answer = await supervisor.AnswerAsync("start");
            supervisor.ProcessId = int.TryParse(answer, CultureInfo.InvariantCulture, out var processId)
                ? processId
                : throw new InvalidOperationException($"No data folder could be made: {await File.ReadAllTextAsync(log)}");
            return supervisor;
        }
        catch
        {
            supervisor.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command word to the shell; completes when it is done.</summary>
    public async Task TellAsync(string word)
    {
        await _turn.WaitAsync();
        try
        {
            await _shell.StandardInput.WriteLineAsync(word);
            await _shell.StandardInput.FlushAsync();
            var answer = await AnswerAsync(word);
            if (answer != word)
            {
                throw new InvalidOperationException($"The server's supervisor was told '{word}' and said '{answer}'.");
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the shell after the server has ended; the folder is kept.</summary>
    public async Task LeaveAsync()
    {
        await TellAsync("leave");
        await ExitAsync();
    }

    /// <summary>Ends the server and the shell and deletes the folder.</summary>
    public async Task EndAsync()
    {
        _shell.StandardInput.Close();
        await ExitAsync();
    }

    public void Dispose()
    {
        _shell.Dispose();
        _turn.Dispose();
    }

    private async Task ExitAsync()
    {
        using var deadline = new CancellationTokenSource(AnswersWithin);
        try
        {
            await _shell.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The supervisor of server process {ProcessId} did not end within {AnswersWithin}.");
        }

        Dispose();
    }

    private async Task<string> AnswerAsync(string word)
    {
        using var deadline = new CancellationTokenSource(AnswersWithin);
        try
        {
            return await _shell.StandardOutput.ReadLineAsync(deadline.Token)
                ?? throw new InvalidOperationException($"The server's supervisor ended at '{word}': {await _shell.StandardError.ReadToEndAsync(deadline.Token)}");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The server's supervisor did not answer '{word}' within {AnswersWithin}.");
        }
    }

    private static string Script()
    {
        using var script = new StreamReader(typeof(ServerSupervisor).Assembly.GetManifestResourceStream("supervise.sh")!);
        return script.ReadToEnd();
    }
}
