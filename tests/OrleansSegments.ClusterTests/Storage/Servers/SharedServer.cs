using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.TestKit.Postgres;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedServer))]

namespace OrleansSegments.ClusterTests.Storage.Servers;

/// <summary>
/// The single server of this assembly, started by the first test that needs it and stopped after the last. It uses English collation, which
/// reveals code that relies on byte order without requesting it. It is never killed, so it need not sync its disk. Orleans' clustering keeps
/// the idle connections of every test's silos for minutes.
/// </summary>
public sealed class SharedServer : IAsyncDisposable
{
    private static readonly SharedPostgresServer Shared = new(
        new PostgresServerOptions { IcuLocale = "en", Settings = { ["fsync"] = "off", ["max_connections"] = "1000" } });

    public static Task<PostgresServer> StartedAsync() => Shared.StartedAsync();

    /// <summary>A schema name that no other test uses.</summary>
    public static string NewSchema() => Shared.NewName();

    public ValueTask DisposeAsync() => Shared.DisposeAsync();
}
