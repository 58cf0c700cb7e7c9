using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Writes each log entry on one line. For failures with an external cause (store unavailable, silo gone) the exception messages suffice and
/// are written, outermost first. At Error and above, which may be a bug, and at Debug and below, the stack trace follows on the same line.
/// </summary>
internal sealed class LineFormatter() : ConsoleFormatter(FormatterName)
{
    private const string FormatterName = "line";

    /// <summary>Sends the process's log to its error output.</summary>
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
