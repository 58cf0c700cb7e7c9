using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Writes each log as one line. What an exception says is enough where the cause lies outside (a store that is away, a silo that left): its messages are
/// written, outermost first. Where it may be a bug, at Error and above, and where somebody looks for one, at Debug and below, the trace follows on the same line.
/// </summary>
internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
{
    private const string FormatterName = "line";

    /// <summary>Sends the logs of a process to its error output.</summary>
    public static void Use(ILoggingBuilder logging)
    {
        logging.AddConsole(console => (console.FormatterName, console.LogToStandardErrorThreshold) = (FormatterName, LogLevel.Trace));
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string text = entry.Formatter(entry.State, entry.Exception);
        if (entry.Exception is { } exception)
        {
            text += entry.LogLevel is LogLevel.Information or LogLevel.Warning ? $": {Messages(exception)}" : $": {exception}";
        }

        textWriter.WriteLine($"{Word(entry.LogLevel)}: {entry.Category}[{entry.EventId.Id}] {string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))}");
    }

    private static string Messages(Exception exception)
    {
        var messages = new List<string>();
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (!messages.Exists(said => said.Contains(cause.Message, StringComparison.Ordinal)))
            {
                messages.Add(cause.Message);
            }
        }

        return string.Join(" <- ", messages);
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
