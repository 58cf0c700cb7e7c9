namespace OrleansSegments.Silo.Hosting;

/// <summary>Formats commands shown to the user.</summary>
internal static class ShellText
{
    /// <summary>Quotes an argument when it contains characters special to a shell.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "/._-+,:@%=~".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
