using OrleansSegments.CrashTests.Stores;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>The stores that crash tests run on, by the names that <c>up --store</c> has for them.</summary>
internal static class CrashStores
{
    public const string Embedded = "embedded";
    public const string Postgresql = "postgresql";

    /// <summary>Skips the test, and says why, where there is no such store on this machine.</summary>
    public static async Task<ICrashStore> StartOrSkipAsync(string name)
    {
        if (name == Embedded)
        {
            return new EmbeddedCrashStore();
        }

        if (PostgresCrashStore.Unavailable is { } problem)
        {
            Assert.Skip(problem);
        }

        return await PostgresCrashStore.StartAsync();
    }
}
