namespace OrleansSegments.Tools.Imports;

/// <summary>The bytes of a data set: a file, a pipe or a stream, plain or gzip. Gzip is told by its first two bytes, not by the name.</summary>
public sealed class ImportSource : IDisposable
{
    private const int FileBufferBytes = 1 << 16;

    private readonly ChainedStream _raw;
    private readonly GzipContent? _unpacked;

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
        if (packed)
            _unpacked = new GzipContent(_raw);
    }

    /// <summary>The path as the user gave it; it is in every message.</summary>
    public string Name { get; }

    /// <summary>The size of the file as it is on disk; null for a pipe.</summary>
    public long? Length { get; }

    /// <summary>How much of <see cref="Length"/> was read, for a progress display.</summary>
    public long BytesRead => _raw.BytesRead;

    public bool IsGzip => _unpacked is not null;

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
        _unpacked?.Dispose();
        _raw.Dispose();
    }

    internal static ImportException Empty(string name) =>
        new(ImportFault.FileEmpty, $"'{name}' is empty; a data set has at least one data line. Check that it was downloaded or written whole.");

    /// <returns>0 at the end.</returns>
    /// <exception cref="ImportException">The gzip data is truncated or corrupt, or the disk fails.</exception>
    internal int Read(Span<byte> buffer)
    {
        try
        {
            return _unpacked is null ? _raw.Read(buffer) : _unpacked.Read(buffer);
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
