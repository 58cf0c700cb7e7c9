using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.TestKit.Postgres;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace OrleansSegments.ClusterTests.Storage.Servers;

/// <summary>
/// The one server of this assembly, started by the first test that asks for it and ended with the last. It compares text as English does,
/// which brings to light what relies on the order of bytes without asking for it. Nobody kills it, so that it need not sync its disk.
/// </summary>
public sealed class SharedServer : IAsyncDisposable
{
    private static readonly SharedPostgresServer Shared = new(
        new PostgresServerOptions { IcuLocale = "en", Settings = { ["fsync"] = "off", ["max_connections"] = "300" } });

    public static Task<PostgresServer> StartedAsync() => Shared.StartedAsync();

    /// <summary>A schema that no other test has.</summary>
    public static string NewSchema() => Shared.NewName();

    public ValueTask DisposeAsync() => Shared.DisposeAsync();
}
