using OrleansSegments.TestKit.Postgres;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Servers;

/// <summary>
/// A server for the tests of one class, which may kill, hang or reconfigure it, as long as it runs again at the end of each test.
/// </summary>
public sealed class OwnServer : IAsyncLifetime
{
    private PostgresServer? _server;

    /// <summary>Skips the test when there is no server.</summary>
    public PostgresServer Server
    {
        get
        {
            PostgresRequired.OrSkip();
            return _server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Unavailable is null)
        {
            _server = await PostgresServer.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>To be called first in a test that needs a server.</summary>
internal static class PostgresRequired
{
    /// <summary>Skips the test, with the reason, on a machine where no server can be started.</summary>
    public static void OrSkip()
    {
        if (PostgresServer.Unavailable is { } reason)
        {
            Assert.Skip(reason);
        }
    }
}
