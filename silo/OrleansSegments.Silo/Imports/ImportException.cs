using System.Text;

namespace OrleansSegments.Silo.Imports;

/// <summary>A file that cannot be imported. The message says what is wrong, the value, the rule and the cure, and is meant for the user.</summary>
public sealed class ImportException : Exception
{
    public ImportException(ImportFault fault, string message, Exception? cause = null)
        : base(message, cause)
    {
        Fault = fault;
    }

    public ImportFault Fault { get; }

    internal static ImportException WrongHeader(string name, ReadOnlySpan<byte> line, string rule)
    {
        const int shownMax = 120;
        var shown = Encoding.UTF8.GetString(line[..Math.Min(line.Length, shownMax)]);
        var printable = string.Concat(shown.Select(character => char.IsControl(character) || character == '\uFFFD' ? '?' : character));
        return new ImportException(
            ImportFault.HeaderWrong,
            $"'{name}' begins with '{printable}'; {rule}. Name the format that fits the file, or export the file again with this header.");
    }
}
