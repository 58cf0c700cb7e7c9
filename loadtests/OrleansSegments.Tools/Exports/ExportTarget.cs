namespace OrleansSegments.Tools.Exports;

/// <summary>The standard output, or a file that gets its name once it is whole: an export that breaks off leaves what was there before.</summary>
internal sealed class ExportTarget : IAsyncDisposable
{
    private readonly string? _file;
    private bool _isWhole;

    private ExportTarget(string? file, Stream stream)
    {
        _file = file;
        Stream = stream;
    }

    public Stream Stream { get; }

    /// <param name="file">Null for the standard output.</param>
    public static ExportTarget Open(string? file) =>
        file is null ? new ExportTarget(null, Console.OpenStandardOutput()) : new ExportTarget(Path.GetFullPath(file), File.Create(PartialOf(Path.GetFullPath(file))));

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await Stream.FlushAsync(cancellationToken);
        if (_file is not null)
        {
            await Stream.DisposeAsync();
            File.Move(PartialOf(_file), _file, overwrite: true);
        }

        _isWhole = true;
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (_file is not null && !_isWhole)
        {
            File.Delete(PartialOf(_file));
        }
    }

    private static string PartialOf(string file) => file + ".partial";
}

/// <summary>Copies lines and counts them.</summary>
internal static class LineCopy
{
    private const int BufferBytes = 64 * 1024;

    /// <param name="hasHeader">True for CSV: the first line is not counted, nor are line breaks inside quotes.</param>
    /// <param name="tell">Called with the lines so far.</param>
    public static async Task<long> CopyAsync(Stream from, Stream to, bool hasHeader, Action<long> tell, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        long lines = hasHeader ? -1 : 0;
        bool isInQuotes = false;
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and int read)
        {
            foreach (byte one in buffer.AsSpan(0, read))
            {
                isInQuotes ^= hasHeader && one == '"';
                lines += one == '\n' && !isInQuotes ? 1 : 0;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            tell(lines);
        }

        return lines;
    }
}
