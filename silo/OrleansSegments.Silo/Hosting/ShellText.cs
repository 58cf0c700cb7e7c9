namespace OrleansSegments.Silo.Hosting;

/// <summary>Texts of commands that a user is told to type.</summary>
internal static class ShellText
{
    /// <summary>The word as a shell takes it: in quotes where it holds anything that a shell would read.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "/._-+,:@%=~".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
