using System.Globalization;
using OrleansSegments.Storage.Folder;

namespace OrleansSegments.Storage.Journal;

/// <summary>The names of the journal's files in a data folder: numbered upward, so that the order of names is the order of commits.</summary>
internal static class JournalFolder
{
    private const string Prefix = "journal-";
    private const string Suffix = ".log";

    public static string NameOf(uint fileNumber) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{fileNumber:d10}{Suffix}");

    /// <summary>The numbers of the files that are there, lowest first.</summary>
    public static IReadOnlyList<uint> Numbers(DataFolder folder)
    {
        var numbers = new List<uint>();
        foreach (var path in Directory.EnumerateFiles(folder.Path, Prefix + "*" + Suffix))
        {
            var name = Path.GetFileName(path)[Prefix.Length..^Suffix.Length];
            if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        return numbers;
    }
}
