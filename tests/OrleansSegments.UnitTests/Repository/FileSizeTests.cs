using Xunit;

namespace OrleansSegments.UnitTests.Repository;

public sealed class FileSizeTests
{
    private const int ProductionLinesMax = 300;
    private const int ProgramLinesMax = 40;
    private const int ReadmeLinesMax = 120;

    [Fact]
    public void Production_files_stay_short_enough_to_be_read_in_one_go()
    {
        var files = RepositoryFiles.Find("*.cs", RepositoryFiles.ProductionFolders).ToArray();

        Assert.True(files.Length > 100, $"only {files.Length} files were found below {RepositoryFiles.Root}");
        AssertShort(files, ProductionLinesMax, "Move a part that has a name of its own into a file of its own.");
    }

    [Fact]
    public void A_program_is_a_table_of_contents() =>
        AssertShort(RepositoryFiles.Find("Program.cs", RepositoryFiles.ProductionFolders), ProgramLinesMax, "Move what it does into the feature that it belongs to.");

    [Fact]
    public void The_readme_tells_on_few_screens_whether_to_stay()
    {
        if (!File.Exists(Path.Combine(RepositoryFiles.Root, "README.md")))
            Assert.Skip("There is no README.md beside OrleansSegments.sln.");

        AssertShort(["README.md"], ReadmeLinesMax, "Move details to docs/ and link them.");
    }

    private static void AssertShort(IEnumerable<string> files, int linesMax, string cure)
    {
        var tooLong = files.Select(file => (File: file, Lines: RepositoryFiles.CountLines(file))).Where(file => file.Lines >= linesMax);

        Assert.True(!tooLong.Any(), string.Join(Environment.NewLine, tooLong.Select(file => $"{file.File} has {file.Lines} lines; it must have fewer than {linesMax}. {cure}")));
    }
}
