using System.Text;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// The text of a data set as UTF-8: a file, a pipe or a stream, plain or gzip. Gzip is told by its first two bytes, not by the name; UTF-16 by its
/// byte order mark.
/// </summary>
public sealed class ImportSource : IDisposable
{
    private const int FileBufferBytes = 1 << 16;

    /// <summary>What is looked at to tell text from something else.</summary>
    private const int KindBytes = 64;

    private readonly ChainedStream _raw;
    private readonly Stream _content;
    private Stream? _text;

    private ImportSource(string name, Stream stream, long? length)
    {
        Name = name;
        Length = length;
        var magic = new byte[2];
        var taken = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (taken == 0)
            throw Empty(name);

        var packed = magic is [0x1f, 0x8b];
        _raw = new ChainedStream(magic.AsMemory(0, taken), stream, packed ? GzipContent.ClosingMember : default);
        IsGzip = packed;
        _content = new BufferedStream(packed ? new GzipContent(_raw) : _raw, FileBufferBytes);
    }

    /// <summary>The path as the user gave it; it is in every message.</summary>
    public string Name { get; }

    /// <summary>The size of the file as it is on disk; null for a pipe.</summary>
    public long? Length { get; }

    /// <summary>How much of <see cref="Length"/> was read, for a progress display.</summary>
    public long BytesRead => _raw.BytesRead;

    public bool IsGzip { get; }

    /// <summary>How the file is written when it has no byte order mark. To be set before the first read.</summary>
    internal Encoding Encoding { get; set; } = Encoding.UTF8;

    /// <exception cref="ImportException">The path is missing, a directory, unreadable or empty.</exception>
    public static ImportSource Open(string path)
    {
        if (Directory.Exists(path))
            throw new ImportException(ImportFault.FileIsDirectory, $"'{path}' is a directory; a data set is one file. Name the file inside it.");
        if (!File.Exists(path))
            throw new ImportException(ImportFault.FileMissing, $"'{path}' does not exist; a data set is read from a file, plain or gzip. Check the path.");

        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileBufferBytes, FileOptions.SequentialScan);
            return new ImportSource(path, file, file.CanSeek ? file.Length : null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw Unreadable(path, error);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Takes ownership of the stream.</summary>
    /// <exception cref="ImportException">The stream is empty.</exception>
    public static ImportSource Of(string name, Stream stream) => new(name, stream, stream.CanSeek ? stream.Length : null);

    public void Dispose()
    {
        _text?.Dispose();
        _content.Dispose();
    }

    internal static ImportException Empty(string name) =>
        new(ImportFault.FileEmpty, $"'{name}' is empty; a data set has at least one data line. Check that it was downloaded or written whole.");

    /// <returns>0 at the end.</returns>
    /// <exception cref="ImportException">The gzip data is truncated or corrupt, or the disk fails.</exception>
    internal int Read(Span<byte> buffer)
    {
        try
        {
            return (_text ??= OpenText()).Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw BrokenGzip(error);
        }
        catch (IOException error)
        {
            throw Unreadable(Name, error);
        }
    }

    private Stream OpenText()
    {
        var first = new byte[KindBytes];
        var taken = first.AsMemory(0, _content.ReadAtLeast(first, first.Length, throwOnEndOfStream: false));
        var text = new ChainedStream(taken, _content, default);
        var encoding = taken.Span switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => throw new ImportException(
                ImportFault.NotText,
                $"'{Name}' is a zip archive or a workbook; a data set is text, plain or gzip. Unpack it and import the file inside, or export the sheet as CSV."),
            [0xff, 0xfe, ..] => Encoding.Unicode,
            [0xfe, 0xff, ..] => Encoding.BigEndianUnicode,
            [0xef, 0xbb, 0xbf, ..] => Encoding.UTF8,
            _ => Encoding,
        };
        if (encoding is UTF8Encoding && taken.Span.Contains((byte)0))
        {
            throw new ImportException(
                ImportFault.NotText,
                $"'{Name}' has a zero byte at its beginning: it is UTF-16 without a byte order mark, or no text. "
                + "Convert it (iconv -f UTF-16LE -t UTF-8), or name its encoding in the map of a csv import.");
        }

        return encoding is UTF8Encoding ? text : Encoding.CreateTranscodingStream(text, encoding, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    private static ImportException Unreadable(string name, Exception error) =>
        new(
            ImportFault.FileUnreadable,
            $"'{name}' cannot be read: {error.Message} The file must be readable by the user that imports. Check its permissions and the disk.",
            error);

    private ImportException BrokenGzip(Exception error) =>
        new(
            ImportFault.GzipBroken,
            $"'{Name}' is broken gzip near byte {BytesRead} ({error.Message}); a data set must unpack to its end. "
            + "Fetch the file again, check it with `gzip -t`, and import it whole.",
            error);
}
