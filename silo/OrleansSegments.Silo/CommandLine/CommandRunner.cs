using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>Runs the command line: what goes wrong is said in a sentence with its cure, on the error output, and the exit code is not 0.</summary>
internal static class CommandRunner
{
    public const int Failed = 1;
    public const int Interrupted = 130;

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        ParseResult parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return await RefuseAsync(parsed);
        }

        try
        {
            // The framework's own handler of failures would print a stack trace, which helps nobody who mistyped a path. Its handler of signals
            // cancels the token of the command only where a time for the ending is given; every ending of ours has a limit of its own.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
            });
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted. What was acknowledged is in the store.");
            return Interrupted;
        }
        catch (Exception problem) when (Explain(problem) is { } sentence)
        {
            await Console.Error.WriteLineAsync($"error: {sentence}");
            return Failed;
        }
    }

    /// <summary>The framework's own answer would print the help on the standard output, where a program waits for a summary.</summary>
    private static async Task<int> RefuseAsync(ParseResult parsed)
    {
        foreach (ParseError error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
        }

        await Console.Error.WriteLineAsync("--help lists what there is.");
        return Failed;
    }

    private static string? Explain(Exception problem) => problem switch
    {
        CommandException or StoreException or Imports.ImportException => problem.Message,
        Microsoft.Extensions.Options.OptionsValidationException options => string.Join(Environment.NewLine + "error: ", options.Failures),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            $"{problem.Message} Another process listens there; end it or choose another address with --urls.",
        InvalidOperationException when problem.Message.StartsWith("Unable to configure HTTPS endpoint", StringComparison.Ordinal) =>
            "an https listener needs a certificate. Set Kestrel__Certificates__Default__Path and Kestrel__Certificates__Default__Password, or listen on http.",
        HttpRequestException => $"{problem.Message} Check --url, the key, and that the API is running (./segments up).",
        System.Net.Sockets.SocketException => $"{problem.Message}. Choose another address with --urls.",
        _ => null,
    };
}
