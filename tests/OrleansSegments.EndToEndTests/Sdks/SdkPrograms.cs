using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.EndToEndTests.Processes;

namespace OrleansSegments.EndToEndTests.Sdks;

/// <summary>The programs of <c>tests/sdks</c>, which use unmodified client SDKs from the npm registry.</summary>
internal static class SdkPrograms
{
    private static readonly string Folder = Path.Combine(SiloProgram.RepositoryRoot, "tests", "sdks");

    /// <summary>Skips the test when the SDKs are not installed.</summary>
    public static void OrSkip() => Assert.SkipUnless(
        Directory.Exists(Path.Combine(Folder, "node_modules", "@segment")),
        "The SDKs are not installed: run ./segments test, or npm ci in tests/sdks (Node 20 or later).");

    /// <summary>Skips the test when there is no browser.</summary>
    public static void BrowserOrSkip()
    {
        OrSkip();
        Assert.SkipUnless(File.Exists("/usr/bin/chromium"), "Chromium is not installed: apt-get install chromium (Debian, Ubuntu).");
    }

    /// <summary>Starts a program.</summary>
    public static Process Start(string program, params string[] arguments) => ProgramStart.Start("node", [Path.Combine(Folder, program), .. arguments]);

    /// <summary>Runs a program to its end and returns the JSON of its last line.</summary>
    public static async Task<JsonObject> RunAsync(string program, params string[] arguments)
    {
        FinishedCommand finished = await SiloCommand.RunProgramAsync("node", [Path.Combine(Folder, program), .. arguments], new Dictionary<string, string>());
        finished.AssertSucceeded();
        return JsonNode.Parse(finished.Output.Trim().Split('\n')[^1])!.AsObject();
    }
}
