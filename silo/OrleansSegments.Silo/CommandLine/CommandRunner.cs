using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>Runs the command line: what goes wrong is said in a sentence with its cure, on the error output, and the exit code is not 0.</summary>
internal static class CommandRunner
{
    /// <summary>Something that was asked for could not be done.</summary>
    public const int Failed = 1;

    /// <summary>An option, an argument or a setting is wrong; nothing was begun.</summary>
    public const int WrongUsage = 2;

    public const int Interrupted = 130;

    /// <param name="settingsProblems">What is wrong with the settings of a command, told together with what is wrong on its command line.</param>
    /// <param name="onInterrupt">What is said when the command is told to end.</param>
    public static async Task<int> RunAsync(
        RootCommand root, string[] args, Func<Command, IEnumerable<string>>? settingsProblems = null, string onInterrupt = "Interrupted. What was acknowledged is in the store.")
    {
        ParseResult parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            return Refuse([.. parsed.Errors.Select(error => error.Message), .. settingsProblems?.Invoke(parsed.CommandResult.Command) ?? []], "--help lists what there is.");
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
            await Console.Error.WriteLineAsync(onInterrupt);
            return Interrupted;
        }
        catch (OptionsValidationException settings)
        {
            return Refuse(settings.Failures);
        }
        catch (Exception problem)
        {
            await Console.Error.WriteLineAsync($"error: {Explain(problem) ?? $"this should not have happened, and the trace below says where it did. {problem}"}");
            return Failed;
        }
    }

    /// <summary>The framework's own answer would print the help on the standard output, where a program waits for a summary.</summary>
    private static int Refuse(IEnumerable<string> problems, string? hint = null)
    {
        foreach (string problem in problems.Distinct())
        {
            Console.Error.WriteLine($"error: {problem}");
        }

        if (hint is not null)
        {
            Console.Error.WriteLine(hint);
        }

        return WrongUsage;
    }

    private static string? Explain(Exception problem) => problem switch
    {
        CommandException or StoreException => problem.Message,
        IOException { InnerException: AddressInUseException } =>
            $"{problem.Message} Another process listens there; end it or choose another address with --urls.",
        InvalidOperationException when problem.Message.StartsWith("Unable to configure HTTPS endpoint", StringComparison.Ordinal) =>
            "an https listener needs a certificate. Set Kestrel__Certificates__Default__Path and Kestrel__Certificates__Default__Password, or listen on http.",
        HttpRequestException => $"{problem.Message} Check --url, the key, and that the API is running (./segments up).",
        System.Net.Sockets.SocketException => $"{problem.Message}. Choose another address with --urls.",
        IOException or UnauthorizedAccessException => problem.Message,
        _ => null,
    };
}
