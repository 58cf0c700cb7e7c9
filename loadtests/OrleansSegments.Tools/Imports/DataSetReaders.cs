using System.Text;
using OrleansSegments.Silo;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>The formats that can be imported.</summary>
public static class DataSetReaders
{
    public static IReadOnlyList<IDataSetReader> All { get; } =
        [new OnlineRetailReader(), new CdnowReader(), new CompleteJourneyReader(), new NdjsonReader(), new CsvReader()];

    /// <exception cref="ImportException">No format has this name.</exception>
    public static IDataSetReader Find(string name)
    {
        foreach (var reader in All)
        {
            if (string.Equals(reader.Name, name, StringComparison.OrdinalIgnoreCase))
                return reader;
        }

        var known = string.Join(", ", All.Select(reader => reader.Name));
        throw new ImportException(ImportFault.FormatUnknown, $"The format '{name}' is not known. The known ones are {known}. Name one of these.");
    }
}

/// <summary>Makes customer events of one file format. Readers keep no state between files.</summary>
public interface IDataSetReader
{
    /// <summary>The name of the format on the command line.</summary>
    string Name { get; }

    /// <summary>One sentence on what the format is and how its lines become events.</summary>
    string Description { get; }

    /// <summary>The file to read when a path is named; of a directory, one of its files.</summary>
    string FileOf(string path) => path;

    /// <summary>
    /// Reads the file as the result is enumerated, once; memory does not grow with the file unless the description says so.
    /// A line that is of no use is counted in <paramref name="counters"/> with its reason and never stops the import.
    /// The same content makes the same events with the same message ids, by which a second import is recognised.
    /// </summary>
    /// <exception cref="ImportException">The file as a whole cannot be read, possibly after some events were handed out.</exception>
    IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters);
}

/// <summary>A file that cannot be imported. The message says what is wrong, the value, the rule and the cure, and is meant for the user.</summary>
public sealed class ImportException : CommandException
{
    public ImportException(ImportFault fault, string message, Exception? cause = null)
        : base(message, cause)
    {
        Fault = fault;
    }

    public ImportFault Fault { get; }

    /// <summary>The beginning of a text from a file, without anything that a terminal would obey.</summary>
    internal static string Printable(string text)
    {
        const int shownMax = 120;
        return string.Concat(text.Take(shownMax).Select(character => char.IsControl(character) || character == '\uFFFD' ? '?' : character));
    }

    internal static ImportException WrongHeader(string name, ReadOnlySpan<byte> line, string rule)
    {
        return new ImportException(
            ImportFault.HeaderWrong,
            $"'{name}' begins with '{Printable(Encoding.UTF8.GetString(line))}'; {rule}. Name the format that fits the file, or export the file again with this header.");
    }
}

/// <summary>Why a file as a whole cannot be imported.</summary>
public enum ImportFault
{
    FormatUnknown,
    FileMissing,
    FileIsDirectory,
    FileUnreadable,
    FileEmpty,
    GzipBroken,
    HeaderWrong,
    FileTooLarge,
    NotText,
    MapMissing,
    MostLinesSkipped,
    NothingToImport,
}
