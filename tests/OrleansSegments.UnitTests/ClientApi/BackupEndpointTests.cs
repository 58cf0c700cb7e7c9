using System.Net;
using System.Net.Http.Headers;
using OrleansSegments.ClientApi.Backups;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class BackupEndpointTests
{
    [Fact]
    public async Task A_backup_returns_its_contents()
    {
        var backup = new FakeBackup();
        await using var host = await ApiHost.StartAsync(backup: backup);
        var (response, json) = await host.PostAsync("/v1/admin/backup?name=monday.1", "");
        Assert.Equal((HttpStatusCode.OK, "monday.1"), (response.StatusCode, backup.Name));
        Assert.Equal(7, json.GetProperty("contents").GetProperty("segments")[0].GetProperty("size").GetInt64());
        await host.PostAsync("/v1/admin/backup", "");
        Assert.Null(backup.Name);
    }

    [Theory]
    [InlineData("../data")]
    [InlineData("..")]
    [InlineData("/etc")]
    [InlineData("a/b")]
    [InlineData("a%0a")]
    [InlineData("")]
    [InlineData("monday.partial")]
    public async Task A_name_with_a_path_is_refused(string name)
    {
        var backup = new FakeBackup { Name = "not asked" };
        await using var host = await ApiHost.StartAsync(backup: backup);
        var (response, json) = await host.PostAsync($"/v1/admin/backup?name={name}", "");
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_name"), (response.StatusCode, json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("not asked", backup.Name);
    }

    [Fact]
    public async Task Only_an_admin_key_makes_one()
    {
        var backup = new FakeBackup { Name = "not asked" };
        await using var host = await ApiHost.StartAsync(backup: backup);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiHost.ReadKey);
        var (response, _) = await host.PostAsync("/v1/admin/backup", "");
        Assert.Equal((HttpStatusCode.Forbidden, "not asked"), (response.StatusCode, backup.Name));
    }

    [Fact]
    public async Task A_failure_is_answered_with_its_reason()
    {
        await using (var database = await ApiHost.StartAsync())
        {
            var (response, json) = await database.PostAsync("/v1/admin/backup", "");
            Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
            Assert.Contains("pg_dump", json.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        var backup = new FakeBackup { Make = () => new BackupOutcome(null, "Another one is under way.") };
        await using var host = await ApiHost.StartAsync(backup: backup);
        var (conflict, said) = await host.PostAsync("/v1/admin/backup", "");
        Assert.Equal((HttpStatusCode.Conflict, "Another one is under way."), (conflict.StatusCode, said.GetProperty("message").GetString()));

        backup.Make = () => throw new IOException("No space is left.");
        var (failed, why) = await host.PostAsync("/v1/admin/backup", "");
        Assert.Equal((HttpStatusCode.InternalServerError, "No space is left."), (failed.StatusCode, why.GetProperty("message").GetString()));
    }

    private sealed class FakeBackup : IStoreBackup
    {
        public string? Name { get; set; }

        public Func<BackupOutcome> Make { get; set; } = static () =>
            new BackupOutcome(new BackupReport("/b", DateTimeOffset.UnixEpoch, "1.0", 3, 400, new StoreContents(7, [new StoredSegment("s0", null, 7)], 9, 0, null)));

        public Task<BackupOutcome> MakeAsync(string? name, CancellationToken cancellationToken)
        {
            Name = name;
            return Task.FromResult(Make());
        }
    }
}
