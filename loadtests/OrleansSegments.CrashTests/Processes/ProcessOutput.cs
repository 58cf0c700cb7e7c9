using System.Text;

namespace OrleansSegments.CrashTests.Processes;

/// <summary>Collects what a process writes, every character of it, while it runs.</summary>
public sealed class ProcessOutput
{
    private readonly StringBuilder _text = new();

    public ProcessOutput(TextReader reader) => Ended = CollectAsync(reader);

    /// <summary>Completes when the process closed the stream.</summary>
    public Task Ended { get; }

    /// <summary>What was written so far.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    private async Task CollectAsync(TextReader reader)
    {
        char[] buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            lock (_text)
            {
                _text.Append(buffer, 0, read);
            }
        }
    }
}
