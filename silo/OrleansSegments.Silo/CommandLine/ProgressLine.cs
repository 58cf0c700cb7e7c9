using System.Diagnostics;

namespace OrleansSegments.Silo.CommandLine;

/// <summary>Progress of long work: one line that is written over on a terminal, a plain line every few seconds elsewhere.</summary>
internal sealed class ProgressLine(TextWriter output)
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _lastAt = Stopwatch.GetTimestamp();
    private int _width;

    /// <summary>Whether enough time has passed since the last line.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(_lastAt) >= (_isTerminal ? TerminalInterval : PlainInterval);

    public void Write(string text)
    {
        _lastAt = Stopwatch.GetTimestamp();
        if (_isTerminal)
        {
            output.Write('\r' + text.PadRight(_width));
            _width = text.Length;
        }
        else
        {
            output.WriteLine(text);
        }
    }

    public void End(string text)
    {
        Write(text);
        if (_isTerminal)
        {
            output.WriteLine();
        }
    }
}
