using OrleansSegments.CrashTests.Processes;
using OrleansSegments.CrashTests.Runs;
using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>Starts a silo that is broken on purpose and kills it like any other.</summary>
internal static class BrokenSilo
{
    private const int Seed = 20_261;

    /// <param name="mutant">As the program that breaks silos names it.</param>
    /// <param name="store">As <see cref="CrashStores"/> names it.</param>
    public static async Task<CrashReport> KillAsync(string mutant, string store, ITestOutputHelper output, params KillMoment[] moments)
    {
        string program = SiloProgram.Find("OrleansSegments.BrokenSilo", "tests");
        var options = new CrashRunOptions { Moments = moments, Seed = Seed, CompareEvery = moments.Length, Program = (program, [mutant]) };
        await using ICrashStore started = await CrashStores.StartOrSkipAsync(store);
        return await CrashRun.RunAsync(options, started, output.WriteLine, TestContext.Current.CancellationToken);
    }
}
