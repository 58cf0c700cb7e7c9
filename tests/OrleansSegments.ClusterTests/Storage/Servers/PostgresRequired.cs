using OrleansSegments.TestKit.Postgres;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Servers;

/// <summary>The first line of a test that cannot do without a server.</summary>
internal static class PostgresRequired
{
    /// <summary>Skips the test, and says why, on a machine where no server can be started.</summary>
    public static void OrSkip()
    {
        if (PostgresServer.Unavailable is { } reason)
        {
            Assert.Skip(reason);
        }
    }
}
