using System.Diagnostics;
using OrleansSegments.TestKit.Postgres;
using Xunit;

namespace OrleansSegments.ClusterTests.Storage.Servers;

/// <summary>
/// What the other tests rely on: a private server is durable, can be killed and hung on demand, and leaves nothing behind.
/// </summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task A_killed_server_keeps_what_it_committed_and_serves_again_on_the_same_port()
    {
        PostgresRequired.OrSkip();
        await using var server = await PostgresServer.StartAsync();
        var port = server.Port;
        await server.CreateDatabaseAsync("Mixed case");
        await server.QueryAsync("CREATE TABLE kept(n int); INSERT INTO kept VALUES(7)", "Mixed case");

        await server.KillAsync();
        Assert.Empty(ProcessesOf(server));
        await server.StartAgainAsync();

        Assert.Equal("7\n", await server.QueryAsync("SELECT n FROM kept", "Mixed case"));
        Assert.Equal(port, server.Port);
        Assert.Contains("automatic recovery in progress", server.ReadLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_reach_the_server_and_durability_is_on_unless_turned_off()
    {
        PostgresRequired.OrSkip();
        var options = new PostgresServerOptions { IcuLocale = "en", Settings = { ["shared_buffers"] = "4MB", ["wal_compression"] = "lz4" } };
        await using var server = await PostgresServer.StartAsync(options);

        Assert.Equal("4MB\n", await server.QueryAsync("SHOW shared_buffers"));
        Assert.Equal("lz4\n", await server.QueryAsync("SHOW wal_compression"));
        Assert.Equal("on|on|on\n", await server.QueryAsync(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')"));
        Assert.Equal("a\nB\n", await server.QueryAsync("SELECT * FROM (VALUES ('B'), ('a')) v(t) ORDER BY t"));
    }

    [Fact]
    public async Task A_paused_server_answers_when_it_goes_on()
    {
        PostgresRequired.OrSkip();
        await using var server = await PostgresServer.StartAsync();
        await server.PauseAsync();
        Assert.All(ProcessesOf(server), process => Assert.Equal('T', process.State));
        var asking = server.QueryAsync("SELECT 1");
        await server.ContinueAsync();

        Assert.Equal("1\n", await asking);
    }

    [Fact]
    public async Task Nothing_is_left_of_a_server_that_was_disposed_of_even_while_it_hung()
    {
        PostgresRequired.OrSkip();
        var server = await PostgresServer.StartAsync();
        await server.PauseAsync();
        await server.DisposeAsync();

        Assert.Empty(ProcessesOf(server));
        Assert.False(Directory.Exists(server.Folder), $"{server.Folder} is still there.");
    }

    // The server's processes have its folder in their command line or as working directory.
    private static (int Id, char State)[] ProcessesOf(PostgresServer server)
    {
        var found = new List<(int, char)>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    var folder = new FileInfo($"/proc/{process.Id}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName ?? "";
                    var stat = File.ReadAllText($"/proc/{process.Id}/stat");
                    var state = stat[stat.LastIndexOf(')') + 2];
                    if (folder.StartsWith(server.Folder + "/data", StringComparison.Ordinal) && state is not 'Z')
                    {
                        found.Add((process.Id, state));
                    }
                }
                catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
                {
                    // Ended during the inspection, or owned by another user.
                }
            }
        }

        return [.. found];
    }
}
