using Xunit;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>Style rules that neither the build nor the format check covers.</summary>
public sealed class CodeStyleTests
{
    private const string Using = "using ";

    [Fact]
    public void Usings_stand_in_the_order_of_their_names_and_those_of_System_first()
    {
        var files = RepositoryFiles.Find("*.cs", [.. RepositoryFiles.ProductionFolders, "tests"]).ToArray();

        var unsorted = files.Where(file => !IsSorted(UsingsOf(file))).ToArray();

        Assert.Contains(files, file => UsingsOf(file).Length > 5);
        Assert.True(unsorted.Length == 0, $"Sort the usings, those of System first: {string.Join(", ", unsorted)}");
    }

    [Fact]
    public void A_rule_of_the_editorconfig_is_a_warning_or_absent()
    {
        var silent = File.ReadLines(Path.Combine(RepositoryFiles.Root, ".editorconfig"))
            .Where(line => line.EndsWith("silent", StringComparison.Ordinal) || line.EndsWith("suggestion", StringComparison.Ordinal))
            .ToArray();

        Assert.True(silent.Length == 0, $"Nobody is told when these are broken; make them warnings or remove them: {string.Join(", ", silent)}");
    }

    /// <summary>The namespaces used by a file, without static usings and aliases.</summary>
    private static string[] UsingsOf(string file) =>
    [
        .. File.ReadLines(Path.Combine(RepositoryFiles.Root, file))
            .TakeWhile(line => line.Length == 0 || line.StartsWith(Using, StringComparison.Ordinal))
            .Where(line => line.Length > 0 && !line.Contains('=', StringComparison.Ordinal) && !line.StartsWith("using static ", StringComparison.Ordinal))
            .Select(line => line[Using.Length..].TrimEnd(';')),
    ];

    private static bool IsSorted(string[] namespaces) => namespaces.SequenceEqual(namespaces
        .OrderBy(name => name.Split('.')[0] == "System" ? 0 : 1)
        .ThenBy(name => name.Replace('.', '\0'), StringComparer.OrdinalIgnoreCase));
}
